run "without_zone_or_certificate_one_is_asked_for" {
  command = plan

  assert {
    condition     = length(aws_acm_certificate.main) == 1 && length(aws_lb_listener.https) == 0
    error_message = "A certificate must be asked for, and nothing listen on 443 before it is there."
  }

  assert {
    condition     = toset(concat([aws_acm_certificate.main[0].domain_name], tolist(aws_acm_certificate.main[0].subject_alternative_names))) == toset(["api.retellai-mvp.com", "app.retellai-mvp.com"])
    error_message = "The certificate must hold for both hosts."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "fixed-response"
    error_message = "Without a certificate HTTP must not redirect to what is not there."
  }

  assert {
    condition     = length(aws_lb_listener_rule.call_page) == 0
    error_message = "Without a certificate nothing but the health routes may be served."
  }
}

run "once_it_is_issued" {
  command = plan

  variables {
    certificate_validated = true
  }

  assert {
    condition     = length(aws_lb_listener.https) == 1 && aws_lb_listener.https[0].port == 443
    error_message = "HTTPS must listen."
  }

  assert {
    condition     = aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    error_message = "TLS 1.2 and 1.3 only, with forward secrecy."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.more["certificate-expires"].threshold == 30
    error_message = "Somebody must hear of it 30 days before the certificate ends."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "HTTP must redirect."
  }

  # The API counts one proxy, so no request may come to it through the Web as well.
  assert {
    condition = anytrue([
      for condition in aws_lb_listener_rule.call_page[0].condition :
      try(toset(condition.path_pattern[0].values) == toset(["/demo/*", "/media/web", "/media/web/*"]), false)
    ])
    error_message = "The call page's requests must go straight to the API."
  }

  assert {
    condition     = aws_lb_listener_rule.call_page[0].priority < aws_lb_listener_rule.host["web"].priority
    error_message = "The Web's rule must not be looked at before the call page's."
  }

  assert {
    condition     = contains(flatten(aws_lb_listener_rule.call_page[0].condition[*].host_header[*].values), "app.retellai-mvp.com")
    error_message = "The call page's host is the Web's."
  }
}

run "with_a_zone_all_is_made_here" {
  command = plan

  variables {
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = length(aws_route53_record.validation) == 2 && length(aws_acm_certificate_validation.main) == 1
    error_message = "The certificate of both hosts must be validated."
  }

  assert {
    condition     = toset(keys(aws_route53_record.host)) == toset(["api.retellai-mvp.com", "app.retellai-mvp.com"])
    error_message = "Both hosts must point to the load balancer."
  }

  assert {
    condition     = output.certificate_validation_records == []
    error_message = "There is nothing left to do by hand."
  }
}

run "with_a_certificate_of_ones_own" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = length(aws_acm_certificate.main) == 0
    error_message = "No other certificate is needed."
  }

  assert {
    condition     = aws_lb_listener.https[0].certificate_arn == var.certificate_arn
    error_message = "The given certificate must be used."
  }
}
