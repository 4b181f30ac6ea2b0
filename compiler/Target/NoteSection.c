// The note of a module, empty: the section that oriel::sealModule fills in. Linked into every
// module; the linker keeps notes and gives them a PT_NOTE segment.

#include "oriel/module_abi.h"

// ORIEL_NOTE_HEADER_SIZE bytes, then the descriptor, which is not aligned to its own alignment.
typedef struct {
  uint32_t name_size;
  uint32_t descriptor_size;
  uint32_t type;
  char name[8];
  uint8_t descriptor[sizeof(oriel_module_note)];
} note_section;

_Static_assert(sizeof(note_section) == ORIEL_NOTE_HEADER_SIZE + sizeof(oriel_module_note),
               "a note has no other padding than its name's");

__attribute__((section(ORIEL_NOTE_SECTION), used, aligned(4))) static const note_section note = {
    sizeof ORIEL_NOTE_NAME, sizeof(oriel_module_note), ORIEL_NOTE_TYPE, ORIEL_NOTE_NAME, {0}};
