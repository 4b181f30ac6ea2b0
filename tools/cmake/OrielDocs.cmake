# oriel_add_doc(NAME TD_FILE mlir-tblgen arguments...): docs/generated/NAME.md from a .td file of the caller's folder.
#   The target `docs` writes the committed pages anew; the lint tests docs-NAME say when one is out of date.

add_custom_target(docs)

function(oriel_add_doc name td_file)
  set(committed ${CMAKE_SOURCE_DIR}/docs/generated/${name}.md)
  set(generate ${LLVM_TOOLS_BINARY_DIR}/mlir-tblgen ${ARGN} -I ${CMAKE_SOURCE_DIR} -I ${LLVM_INCLUDE_DIR}
      ${CMAKE_CURRENT_SOURCE_DIR}/${td_file})
  add_custom_target(docs-${name} COMMAND ${generate} -o ${committed} VERBATIM)
  add_dependencies(docs docs-${name})
  add_test(NAME docs-${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/docs_current.sh ${committed} ${generate})
  set_tests_properties(docs-${name} PROPERTIES LABELS lint)
endfunction()

# oriel_add_cli_doc(tool...): docs/generated/cli.md from what the tools' --help says, made and checked in the same way.
function(oriel_add_cli_doc)
  set(committed ${CMAKE_SOURCE_DIR}/docs/generated/cli.md)
  set(generate ${CMAKE_SOURCE_DIR}/tools/cli_reference.py ${CMAKE_BINARY_DIR}/bin ${ARGN})
  add_custom_target(docs-cli COMMAND ${generate} > ${committed} DEPENDS ${ARGN} VERBATIM)
  add_dependencies(docs docs-cli)
  add_test(NAME docs-cli COMMAND ${CMAKE_SOURCE_DIR}/tests/lint/docs_current.sh ${committed} ${generate})
  set_tests_properties(docs-cli PROPERTIES LABELS lint)
endfunction()
