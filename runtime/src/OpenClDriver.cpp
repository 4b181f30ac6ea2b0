#include "runtime/src/OpenClLibrary.h"

using namespace oriel;

oriel_status oriel::openOpenClLibrary(OpenClLibrary &library, oriel_error *error) {
  return loadOpenClLibrary(library, error);
}
