// The public headers are C11: this file is compiled with -std=c11 -pedantic-errors.

#include "oriel/runtime.h"

// A second inclusion changes nothing.
#include "oriel/module_abi.h"
#include "oriel/runtime.h"

_Static_assert(sizeof(oriel_module_note) == 432, "the note has no implicit padding");
_Static_assert(sizeof(oriel_worker) == 64, "a worker is one cache line");
_Static_assert(sizeof(oriel_error) == 512, "an error has no implicit padding");

oriel_status (*const oriel_test_load)(const char *, const oriel_load_options *, oriel_module **,
                                      oriel_error *) = oriel_module_load;
