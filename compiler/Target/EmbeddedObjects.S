// The objects that CMakeLists.txt compiles for modules, as bytes. Read through EmbeddedShims.h.

        .section .rodata
        .macro  embed symbol, file
        .global \symbol\()Begin, \symbol\()End
        .balign 16
\symbol\()Begin:
        .incbin "\file"
\symbol\()End:
        .endm

        embed   orielKernelShimsObject, KernelShims.o
        embed   orielNoteSectionObject, NoteSection.o

        .section .note.GNU-stack, "", @progbits
