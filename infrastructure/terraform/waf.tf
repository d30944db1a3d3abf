# Managed rules against what scans the whole internet, and a limit for each address. Calls' media and the carrier's
# webhooks are left out of the limit: many callers come from one carrier's few addresses, and its signature is checked. So are
# the addresses of waf_trusted_cidrs: a customer's backend sends all of its requests from one.

locals {
  waf_trusts_addresses = var.waf_enabled && length(var.waf_trusted_cidrs) > 0

  waf_managed_groups = {
    AWSManagedRulesAmazonIpReputationList = { priority = 10, count_only = [] }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 20, count_only = [] }

    # Prompts and knowledge bases are long, and hold markup and addresses on purpose: these four would refuse them.
    AWSManagedRulesCommonRuleSet = {
      priority   = 30
      count_only = ["SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY", "GenericLFI_BODY"]
    }
  }
}

resource "aws_wafv2_ip_set" "trusted" {
  count = local.waf_trusts_addresses ? 1 : 0

  name               = "${local.prefix}-trusted"
  description        = "Not counted by the limit for each address"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = var.waf_trusted_cidrs

  # The rule lets go of it first: AWS deletes no set that a rule still names.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_wafv2_web_acl" "main" {
  count = var.waf_enabled ? 1 : 0

  name        = local.prefix
  description = "Managed rules and a limit for each address"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = local.waf_managed_groups

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.count_only

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  rule {
    name     = "requests-of-one-address"
    priority = 40

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.waf_requests_per_5_minutes
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          not_statement {
            statement {
              or_statement {
                dynamic "statement" {
                  for_each = ["/media/", "/twilio/"]

                  content {
                    byte_match_statement {
                      search_string         = statement.value
                      positional_constraint = "STARTS_WITH"

                      field_to_match {
                        uri_path {}
                      }

                      text_transformation {
                        priority = 0
                        type     = "NONE"
                      }
                    }
                  }
                }

                dynamic "statement" {
                  for_each = aws_wafv2_ip_set.trusted

                  content {
                    ip_set_reference_statement {
                      arn = statement.value.arn
                    }
                  }
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "requests-of-one-address"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.prefix
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "alb" {
  count = var.waf_enabled ? 1 : 0

  resource_arn = aws_lb.main.arn
  web_acl_arn  = aws_wafv2_web_acl.main[0].arn
}

resource "aws_wafv2_web_acl_logging_configuration" "main" {
  count = var.waf_enabled ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.main[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]

  # What got through is in the load balancer's log already.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }

  # Keys in headers have no place in a log.
  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
}
