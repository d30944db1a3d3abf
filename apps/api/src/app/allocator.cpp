// The program's allocator is jemalloc: many small objects of many calls cost a tenth of a core less than with glibc's,
// and what calls leave behind does not fragment over days.

// Read by jemalloc before main(). Memory is given back by a thread of its own, never by a media thread.
extern "C" const char* malloc_conf;
const char* malloc_conf = "background_thread:true";
