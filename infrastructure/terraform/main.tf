# What all files share: names, the account, and the guard against the wrong variables.

locals {
  short_names = { production = "prod", staging = "staging" }
  short_name  = local.short_names[var.environment]
  prefix      = "retell-${local.short_name}"

  account_id = data.aws_caller_identity.current.account_id
  azs        = slice(data.aws_availability_zones.available.names, 0, 3)

  # Production lives in the default workspace, so that the guide's commands need no other word.
  workspace_environment = terraform.workspace == "default" ? "production" : terraform.workspace

  api_host = coalesce(var.api_host, var.environment == "production" ? "api.${var.domain_name}" : "api.${var.environment}.${var.domain_name}")
  app_host = coalesce(var.app_host, var.environment == "production" ? "app.${var.domain_name}" : "${var.environment}.${var.domain_name}")

  api_port = 8080
  web_port = 8080
}

# The guard against the variables of the other environment. It stands in the provider's configuration, because that is what
# every plan evaluates: with -target, with -refresh=false, and above all for a destroy, where preconditions are but warnings.
# tobool refuses the text and shows it.
locals {
  guarded_region = local.workspace_environment == var.environment ? var.region : tobool(
    "Workspace ${terraform.workspace} holds ${local.workspace_environment}, these are the variables of ${var.environment}. Production is the default workspace; for staging: terraform workspace select -or-create staging"
  )
}

data "aws_caller_identity" "current" {}

data "aws_availability_zones" "available" {
  state = "available"

  # Local zones cost more and lack RDS and ElastiCache.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

# The guide's commands work without bootstrap.sh too, but then the state is a file in this folder: one lost laptop and
# nobody can change the infrastructure any more.
check "state_is_remote" {
  assert {
    condition     = fileexists("${path.module}/backend.tf")
    error_message = "The state is a file on this machine. Run ./bootstrap.sh, then terraform init -migrate-state."
  }
}
