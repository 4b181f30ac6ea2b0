// The objects that CMakeLists.txt compiles for modules, as bytes. Read through EmbeddedShims.h.

        .section .rodata
        .macro  embed symbol, file
        .global \symbol\()_begin, \symbol\()_end
        .balign 16
\symbol\()_begin:
        .incbin "\file"
\symbol\()_end:
        .endm

        embed   oriel_kernel_shims_object, KernelShims.o
        embed   oriel_note_section_object, NoteSection.o

        .section .note.GNU-stack, "", @progbits
