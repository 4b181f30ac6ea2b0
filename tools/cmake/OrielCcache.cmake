# ccache where it is installed. With clang and precompiled headers it needs the two sloppiness words, and headers without
# a time stamp (-fno-pch-timestamp in OrielTargets.cmake), or every rebuilt header would miss everything behind it.

find_program(ORIEL_CCACHE ccache)
if(ORIEL_CCACHE)
  foreach(language C CXX)
    set(CMAKE_${language}_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${ORIEL_CCACHE})
  endforeach()
endif()
