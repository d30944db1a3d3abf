# Sizes of the two services. Fargate offers certain pairs only; a wrong one is told here and not after ten minutes.

locals {
  fargate_memory = {
    256  = [512, 1024, 2048]
    512  = range(1024, 4097, 1024)
    1024 = range(2048, 8193, 1024)
    2048 = range(4096, 16385, 1024)
    4096 = range(8192, 30721, 1024)
    8192 = range(16384, 61441, 4096)
  }
}

variable "api_cpu" {
  description = "1024 is one processor"
  type        = number
}

variable "api_memory" {
  description = "MiB"
  type        = number
}

variable "api_ephemeral_gib" {
  description = "Disk of a task, where recordings wait for S3"
  type        = number
  default     = 30
}

variable "api_min_tasks" {
  type    = number
  default = 2
}

variable "api_max_tasks" {
  type    = number
  default = 10
}

variable "api_target_calls_per_task" {
  description = "Autoscaling keeps tasks at about so many live calls"
  type        = number
}

variable "api_max_calls_per_task" {
  description = "More are refused: the room between the two is what new tasks have to start in"
  type        = number
}

variable "api_deregistration_seconds" {
  description = "How long a task that goes down keeps its calls before it is asked to stop; at most an hour"
  type        = number
  default     = 3600

  validation {
    condition     = var.api_deregistration_seconds >= 120 && var.api_deregistration_seconds <= 3600
    error_message = "From 120 s to 3600 s."
  }
}

variable "api_local_models" {
  description = "Local models that each task fetches before it serves: \"defaults\", or names with commas; empty: none, all vendors are remote"
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9._,-]*$", var.api_local_models))
    error_message = "Names of models, with commas between them."
  }
}

variable "api_environment" {
  description = "More settings of the API, such as RETELL_PROVIDERS_STT = \"deepgram\""
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.api_environment) : startswith(name, "RETELL_")])
    error_message = "Settings of the API begin with RETELL_."
  }
}

variable "api_secrets" {
  description = "Setting => name of a secret in Secrets Manager, such as RETELL_PROVIDERS_OPENAI_API_KEY = \"prod/openai-api-key\""
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.api_secrets) : startswith(name, "RETELL_")])
    error_message = "Settings of the API begin with RETELL_."
  }
}

variable "twilio_account_sid" {
  description = "Goes with the secret twilio-auth-token; empty: no telephone"
  type        = string
  default     = ""
}

variable "web_cpu" {
  type    = number
  default = 256
}

variable "web_memory" {
  type    = number
  default = 512
}

variable "web_min_tasks" {
  type    = number
  default = 2
}

variable "web_max_tasks" {
  type    = number
  default = 6
}

variable "web_environment" {
  type    = map(string)
  default = {}
}
