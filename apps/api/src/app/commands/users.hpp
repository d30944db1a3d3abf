// retell users create | list | reset-password
#pragma once
#include <string>

#include "config/config.hpp"

namespace retell::app {

struct UserWish {
  std::string email;
  std::string name;
  std::string role = "owner";
  std::string workspace;      // empty: the server's first
  std::string password_file;  // empty: a token to set one is printed
};

int users_create(const config::Config& config, const UserWish& wish, bool quiet);
int users_list(const config::Config& config);
int users_reset_password(const config::Config& config, const std::string& email, bool quiet);

}  // namespace retell::app
