# Three ways to HTTPS:
#   route53_zone_id          certificate, validation and names are made here
#   certificate_arn          a certificate that exists already
#   neither                  a certificate is asked for; make the records of output certificate_validation_records at
#                            your DNS provider, then set certificate_validated = true and apply again
locals {
  own_certificate = var.certificate_arn == null
  https           = var.certificate_arn != null || var.route53_zone_id != null || var.certificate_validated

  certificate_arn = (
    var.certificate_arn != null ? var.certificate_arn :
    var.route53_zone_id != null ? aws_acm_certificate_validation.main[0].certificate_arn :
    aws_acm_certificate.main[0].arn
  )
}

resource "aws_acm_certificate" "main" {
  count = local.own_certificate ? 1 : 0

  domain_name               = local.app_host
  subject_alternative_names = [local.api_host]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# Keyed by host, which is known before the certificate is made.
resource "aws_route53_record" "validation" {
  for_each = local.own_certificate && var.route53_zone_id != null ? toset([local.app_host, local.api_host]) : toset([])

  zone_id         = var.route53_zone_id
  name            = one([for option in aws_acm_certificate.main[0].domain_validation_options : option.resource_record_name if option.domain_name == each.key])
  type            = one([for option in aws_acm_certificate.main[0].domain_validation_options : option.resource_record_type if option.domain_name == each.key])
  records         = [one([for option in aws_acm_certificate.main[0].domain_validation_options : option.resource_record_value if option.domain_name == each.key])]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "main" {
  count = local.own_certificate && var.route53_zone_id != null ? 1 : 0

  certificate_arn         = aws_acm_certificate.main[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_route53_record" "host" {
  for_each = var.route53_zone_id != null ? toset([local.app_host, local.api_host]) : toset([])

  zone_id = var.route53_zone_id
  name    = each.key
  type    = "A"

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = true
  }
}
