run "fargate_has_no_such_size" {
  command = plan

  variables {
    api_cpu    = 2048
    api_memory = 2048
  }

  expect_failures = [aws_ecs_task_definition.api]
}

run "rds_keeps_no_such_backups" {
  command = plan

  variables {
    db_backup_days = 36
  }

  expect_failures = [var.db_backup_days]
}

run "the_password_changes_within_a_day" {
  command = plan

  variables {
    db_password_schedule = "cron(0 23 15 1 ? *)"
  }

  expect_failures = [var.db_password_schedule]
}

run "two_gateways_for_three_zones" {
  command = plan

  variables {
    nat_gateways = 2
  }

  expect_failures = [var.nat_gateways]
}

run "redis_keeps_its_token_or_changes_it" {
  command = plan

  variables {
    redis_token_update = "DELETE"
  }

  expect_failures = [var.redis_token_update]
}

run "the_firewall_trusts_no_world" {
  command = plan

  variables {
    waf_trusted_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.waf_trusted_cidrs]
}

run "the_firewall_trusts_ranges_of_addresses" {
  command = plan

  variables {
    waf_trusted_cidrs = ["203.0.113.7"]
  }

  expect_failures = [var.waf_trusted_cidrs]
}

run "the_firewall_trusts_no_range_that_nobody_comes_from" {
  command = plan

  variables {
    waf_trusted_cidrs = ["2001:db8::/32"]
  }

  expect_failures = [var.waf_trusted_cidrs]
}

run "the_firewall_trusts_ranges_by_their_first_address" {
  command = plan

  variables {
    waf_trusted_cidrs = ["203.0.113.7/24"]
  }

  expect_failures = [var.waf_trusted_cidrs]
}

run "a_limit_that_waf_has" {
  command = plan

  variables {
    waf_requests_per_5_minutes = 5
  }

  expect_failures = [var.waf_requests_per_5_minutes]
}

run "settings_begin_with_retell" {
  command = plan

  variables {
    api_environment = { PROVIDERS_STT = "deepgram" }
  }

  expect_failures = [var.api_environment]
}

run "vendors_keys_are_looked_up" {
  command = plan

  variables {
    api_secrets = { RETELL_PROVIDERS_OPENAI_API_KEY = "prod/openai-api-key" }
  }

  assert {
    condition     = contains(output.secret_names, "prod/openai-api-key")
    error_message = "A deployment must see that the vendor's key exists."
  }
}

run "deployments_without_stored_keys" {
  command = plan

  variables {
    github_repository = "example/retell"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1
    error_message = "GitHub's tokens must be trusted."
  }

  assert {
    condition = (
      jsondecode(data.aws_iam_policy_document.deploy_trust.json).Statement[1].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    )
    error_message = "Tokens for somebody else must not do."
  }

  assert {
    condition = endswith(
      jsondecode(data.aws_iam_policy_document.deploy_trust.json).Statement[1].Condition.StringEquals["token.actions.githubusercontent.com:sub"],
      ":environment:production"
    )
    error_message = "Only jobs of the environment production may deploy it."
  }
}

run "without_a_repository_nobody_comes_from_github" {
  command = plan

  assert {
    condition = (
      length(aws_iam_openid_connect_provider.github) == 0 &&
      length(jsondecode(data.aws_iam_policy_document.deploy_trust.json).Statement) == 1
    )
    error_message = "No repository is named, so none may deploy."
  }
}

run "the_second_environment_shares_the_accounts_provider" {
  command = plan

  variables {
    github_repository           = "example/retell"
    github_oidc_provider_exists = true
  }

  assert {
    condition = (
      length(aws_iam_openid_connect_provider.github) == 0 &&
      length(jsondecode(data.aws_iam_policy_document.deploy_trust.json).Statement) == 2
    )
    error_message = "An account has one provider for GitHub, and both environments use it."
  }
}

run "remote_vendors_need_no_models" {
  command = plan

  assert {
    condition     = !contains(keys(local.api_environment), "CONTAINER_MODELS")
    error_message = "Nothing must be fetched at start."
  }

  assert {
    condition     = aws_ecs_service.api.health_check_grace_period_seconds == 60
    error_message = "A task that fetches nothing is up within a minute."
  }
}

run "local_models_are_fetched_at_start" {
  command = plan

  variables {
    api_local_models = "defaults"
  }

  assert {
    condition     = local.api_environment["CONTAINER_MODELS"] == "defaults"
    error_message = "The image's entry point must be told."
  }

  assert {
    condition     = aws_ecs_service.api.health_check_grace_period_seconds == 900
    error_message = "A task must not be killed for its missing health while it fetches models."
  }
}

run "a_models_name_is_no_command" {
  command = plan

  variables {
    api_local_models = "defaults; reboot"
  }

  expect_failures = [var.api_local_models]
}
