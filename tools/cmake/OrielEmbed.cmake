# oriel_embed_files(NAME file...): a library that carries files as they are, and the header NAME.h of the caller's binary folder with
#   std::string_view oriel::embedded::FILE_NAME()      (points and hyphens of the file's name as _)
# for each of them. A file may be one that another rule makes.

enable_language(ASM)

function(oriel_embed_files name)
  set(assembly "        .section .rodata\n")
  set(declarations "")
  foreach(file IN LISTS ARGN)
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(symbol ${file} NAME)
    string(MAKE_C_IDENTIFIER ${symbol} symbol)
    list(APPEND paths ${path})
    string(APPEND assembly
      "        .global orielEmbedded_${symbol}, orielEmbeddedEnd_${symbol}\n"
      "orielEmbedded_${symbol}:\n        .incbin \"${path}\"\norielEmbeddedEnd_${symbol}:\n")
    string(APPEND declarations
      "extern \"C\" const char orielEmbedded_${symbol}[], orielEmbeddedEnd_${symbol}[];\n"
      "namespace oriel::embedded {\n"
      "inline std::string_view ${symbol}() {\n"
      "  return {orielEmbedded_${symbol}, size_t(orielEmbeddedEnd_${symbol} - orielEmbedded_${symbol})};\n}\n"
      "} // namespace oriel::embedded\n")
  endforeach()
  string(APPEND assembly "        .section .note.GNU-stack, \"\", @progbits\n")
  file(CONFIGURE OUTPUT ${name}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${name}.h CONTENT "#pragma once\n#include <string_view>\n${declarations}" @ONLY)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.S)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${paths}")
  oriel_add_library(${name} NO_MLIR ${source})
endfunction()
