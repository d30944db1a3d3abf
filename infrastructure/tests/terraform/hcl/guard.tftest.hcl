# Run with -var-file=environments/production.tfvars, in the default workspace: the one that holds production.

run "production_in_its_workspace" {
  command = plan

  assert {
    condition     = output.cluster_name == "retell-prod-cluster"
    error_message = "The cluster is not the guide's."
  }

  assert {
    condition     = output.service_names == { api = "retell-prod-api", web = "retell-prod-web" }
    error_message = "The services are not the guide's."
  }

  assert {
    condition     = output.task_families.migrations == "retell-prod-migrations"
    error_message = "The migrations are not the guide's."
  }

  assert {
    condition     = output.hosts == { api = "api.retellai-mvp.com", app = "app.retellai-mvp.com" }
    error_message = "The hosts are not the guide's."
  }
}

run "there_are_two_environments" {
  command = plan

  variables {
    environment = "development"
  }

  expect_failures = [var.environment]
}
