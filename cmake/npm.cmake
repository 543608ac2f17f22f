# What the page is built and tested with. "npm ci" would refuse a registry that has this machine's packages alone.
find_program(NODE_EXECUTABLE NAMES node nodejs REQUIRED)
find_program(NPM_EXECUTABLE npm REQUIRED)

# npm_packages(INSTALLED): fetches what the package-lock.json of the present folder names; INSTALLED is the file to depend
# on.
function(npm_packages INSTALLED)
  set(installed ${CMAKE_CURRENT_SOURCE_DIR}/node_modules/.package-lock.json)
  add_custom_command(OUTPUT ${installed}
    COMMAND ${NPM_EXECUTABLE} install --no-save --no-progress --ignore-scripts --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${installed}
    DEPENDS package.json package-lock.json .npmrc
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "Installing the packages of ${CMAKE_CURRENT_SOURCE_DIR}"
    VERBATIM)
  set(${INSTALLED} ${installed} PARENT_SCOPE)
endfunction()
