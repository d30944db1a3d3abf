# Set by environments/*.tfvars.

variable "environment" {
  description = "production or staging"
  type        = string

  validation {
    condition     = contains(["production", "staging"], var.environment)
    error_message = "There are two environments: production and staging."
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "allowed_account_ids" {
  description = "AWS accounts that this environment may be applied to; null: whichever the credentials belong to"
  type        = list(string)
  default     = null
}

variable "domain_name" {
  type    = string
  default = "retellai-mvp.com"
}

variable "api_host" {
  description = "null: api.<domain>, outside production api.<environment>.<domain>"
  type        = string
  default     = null
}

variable "app_host" {
  description = "null: app.<domain>, outside production <environment>.<domain>"
  type        = string
  default     = null
}

# --- HTTPS: see certificate.tf

variable "route53_zone_id" {
  type    = string
  default = null
}

variable "certificate_arn" {
  type    = string
  default = null
}

variable "certificate_validated" {
  description = "True once the records of output certificate_validation_records exist and ACM has issued the certificate"
  type        = bool
  default     = false
}

# --- Network

variable "vpc_cidr" {
  type    = string
  default = "10.0.0.0/16"
}

variable "nat_gateways" {
  description = "3: one in each zone, so that losing a zone costs that zone alone; 1: cheaper by two"
  type        = number

  validation {
    condition     = contains([1, 3], var.nat_gateways)
    error_message = "One NAT gateway for all zones, or one for each of the three."
  }
}

variable "flow_log_traffic" {
  description = "ALL, or REJECT, which costs next to nothing"
  type        = string
  default     = "REJECT"
}

variable "api_egress_ports" {
  description = "TCP ports outside that the API may reach; customers' webhooks on other ports need them here"
  type        = list(number)
  default     = [80, 443]
}

variable "waf_enabled" {
  type    = bool
  default = true
}

variable "waf_requests_per_5_minutes" {
  description = "Of one address, media and carriers' webhooks not counted"
  type        = number
  default     = 3000

  validation {
    condition     = var.waf_requests_per_5_minutes >= 10 && var.waf_requests_per_5_minutes <= 2000000000
    error_message = "WAF counts from 10 to 2,000,000,000 requests."
  }
}

variable "waf_trusted_cidrs" {
  description = "IPv4 ranges (203.0.113.7/32) that the limit leaves out: backends of customers and offices that are known; managed rules hold for them too"
  type        = list(string)
  default     = []

  validation {
    # The load balancer has IPv4 addresses alone.
    condition = alltrue([
      for range in var.waf_trusted_cidrs :
      can(cidrnetmask(range)) && try(cidrsubnet(range, 0, 0) == range, false) && !endswith(range, "/0")
    ])
    error_message = "Ranges of IPv4 by their first address, like 203.0.113.7/32 or 203.0.113.0/24, and not the whole world."
  }
}

# --- Database

variable "postgres_version" {
  description = "Major version; minor ones come by themselves in the maintenance window"
  type        = string
  default     = "16"
}

variable "db_instance_class" {
  type = string
}

variable "db_multi_az" {
  type = bool
}

variable "db_backup_days" {
  type = number

  validation {
    condition     = var.db_backup_days >= 1 && var.db_backup_days <= 35
    error_message = "RDS keeps backups for 1 to 35 days."
  }
}

variable "db_storage_gib" {
  type    = number
  default = 100
}

variable "db_storage_max_gib" {
  type    = number
  default = 1000
}

variable "db_password_schedule" {
  description = "UTC. RDS changes the password within two hours from then on; be there to restart the API"
  type        = string
  default     = "cron(0 5 15 1 ? *)"

  validation {
    condition     = can(regex("^cron\\(0 (1?[0-9]|2[0-2]) [^ ]+ [^ ]+ [^ ]+ \\*\\)$", var.db_password_schedule))
    error_message = "cron(0 HOUR DAY-OF-MONTH MONTH DAY-OF-WEEK *), the hour from 0 to 22: Secrets Manager's two hours may not reach into the next day."
  }
}

variable "database_ca_file" {
  description = "In the API's image: the certificates of RDS, which no system knows"
  type        = string
  default     = "/etc/ssl/rds.pem"
}

variable "backup_vault_enabled" {
  description = "A second set of daily backups, which outlives the instance"
  type        = bool
}

variable "backup_copy_vault_arn" {
  description = "Vault in another region or account that gets a copy of each"
  type        = string
  default     = null
}

# --- Cache and storage

variable "redis_node_type" {
  type = string
}

variable "redis_nodes" {
  type = number

  validation {
    condition     = var.redis_nodes >= 1 && var.redis_nodes <= 6
    error_message = "One primary and up to five replicas."
  }
}

variable "redis_token_update" {
  description = "How a new token gets to Redis. SET: it alone is good from then on. ROTATE, while one is being changed: the one before it too"
  type        = string
  default     = "SET"

  validation {
    condition     = contains(["SET", "ROTATE"], var.redis_token_update)
    error_message = "SET, or ROTATE while a new token is taken into use."
  }
}

variable "recordings_archive_days" {
  type    = number
  default = 90
}

variable "backups_expire_days" {
  type    = number
  default = 90
}

# --- Watching

variable "log_retention_days" {
  type    = number
  default = 30
}

variable "container_insights" {
  type = bool
}

variable "alarm_emails" {
  description = "Each must confirm the mail that it gets"
  type        = list(string)
  default     = []
}

variable "monthly_budget_usd" {
  type = number
}

# --- Who deploys

variable "github_repository" {
  description = "owner/name, to let its workflows deploy without stored keys"
  type        = string
  default     = null
}

variable "github_oidc_provider_exists" {
  description = "True in the second environment of an account"
  type        = bool
  default     = false
}

variable "deploy_principals" {
  description = "ARNs that may take the deploy role; empty: whom the account's own policies let"
  type        = list(string)
  default     = []
}

# --- Taking it down: all three the other way round, and only then

variable "deletion_protection" {
  type    = bool
  default = true
}

variable "skip_final_snapshot" {
  type    = bool
  default = false
}

variable "force_destroy" {
  description = "Delete buckets, repositories and vaults with what is in them"
  type        = bool
  default     = false
}

variable "secret_recovery_days" {
  description = "0 deletes generated secrets at once"
  type        = number
  default     = 30
}
