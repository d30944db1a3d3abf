terraform {
  required_version = ">= 1.6.0"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # What the tests plan with. Earlier ones of 6 do not know every argument used here, such as ECR's exclusion filter.
      version = ">= 6.66.0, < 7.0.0"
    }
  }

  # Where the state lies is written by bootstrap.sh into backend.tf: a bucket's name is unique in the whole world, so it
  # cannot stand here.
}

provider "aws" {
  region              = local.guarded_region # main.tf
  allowed_account_ids = var.allowed_account_ids

  default_tags {
    tags = {
      Project     = "retell"
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}
