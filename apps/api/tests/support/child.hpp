// A server program of the tests: started on loopback, gone with its owner.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace retell::test {

// Starts `arguments` (the program first) with its output in `log`, as an unprivileged user when this process is root
// and `unprivileged` asks for it. Ends with this process.
[[nodiscard]] pid_t start_child(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                                bool unprivileged);
void stop_child(pid_t child, int signal);   // sends the signal and waits for the end; 0 is no child
[[nodiscard]] int wait_child(pid_t child);  // its exit status, 128 + signal when killed

// Gives the folder to the unprivileged user, when this process is root.
void give_away(const std::filesystem::path& folder);

// server.key and server.crt for localhost and 127.0.0.1 in the folder, the latter also as its own authority. Throws.
void make_certificate(const std::filesystem::path& folder, bool unprivileged);

[[nodiscard]] std::uint16_t free_port();  // of loopback
// Waits until something listens; false after `seconds`.
[[nodiscard]] bool listens(std::uint16_t port, int seconds);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace retell::test
