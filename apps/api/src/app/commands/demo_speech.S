/* What the demo's Portuguese caller says, in the binary's read-only data: espeak-ng's voice, the only one for the
   language that every machine has, is not understood over a telephone line. The include path is set in CMakeLists.txt. */
        .section .rodata
        .macro clip name, file
        .global \name\()_begin
        .global \name\()_end
        .balign 8
\name\()_begin:
        .incbin "\file"
\name\()_end:
        .byte 0
        .endm
        clip retell_demo_pt_capital, "pt-BR/capital.wav"
        clip retell_demo_pt_story, "pt-BR/story.wav"
        clip retell_demo_pt_wait, "pt-BR/wait.wav"
        .section .note.GNU-stack,"",%progbits
