/* The weights of the built-in voice activity detector, placed in the binary's read-only data. The include path that
   finds the file is set in CMakeLists.txt. */
        .section .rodata
        .global retell_silero_v6_begin
        .global retell_silero_v6_end
        .balign 64
retell_silero_v6_begin:
        .incbin "silero_v6.bin"
retell_silero_v6_end:
        .byte 0
        .section .note.GNU-stack,"",%progbits
