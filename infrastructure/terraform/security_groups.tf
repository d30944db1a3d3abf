# Who may talk to whom. Only the load balancer is open to the world; everything else names another group.

resource "aws_security_group" "alb" {
  name        = "${local.prefix}-alb"
  description = "Load balancer: the world in, our services out"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.prefix}-alb" }
}

resource "aws_security_group" "api" {
  name        = "${local.prefix}-api"
  description = "API and migration tasks"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.prefix}-api" }
}

resource "aws_security_group" "web" {
  name        = "${local.prefix}-web"
  description = "Web tasks"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.prefix}-web" }
}

resource "aws_security_group" "database" {
  name        = "${local.prefix}-database"
  description = "PostgreSQL"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.prefix}-database" }
}

resource "aws_security_group" "redis" {
  name        = "${local.prefix}-redis"
  description = "Redis"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.prefix}-redis" }
}

# What is launched without a group lands in the default one: it allows nothing.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.prefix}-default-closed" }
}

resource "aws_vpc_security_group_ingress_rule" "alb_world" {
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.alb.id
  description       = "${each.key} from anywhere"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}

locals {
  # from one group to another, on one port
  group_rules = {
    alb_to_api   = { from = aws_security_group.alb.id, to = aws_security_group.api.id, port = local.api_port }
    alb_to_web   = { from = aws_security_group.alb.id, to = aws_security_group.web.id, port = local.web_port }
    api_to_db    = { from = aws_security_group.api.id, to = aws_security_group.database.id, port = 5432 }
    api_to_redis = { from = aws_security_group.api.id, to = aws_security_group.redis.id, port = 6379 }
  }
}

resource "aws_vpc_security_group_egress_rule" "group" {
  for_each = local.group_rules

  security_group_id            = each.value.from
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.to
}

resource "aws_vpc_security_group_ingress_rule" "group" {
  for_each = local.group_rules

  security_group_id            = each.value.to
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.from
}

# Vendors, carriers, customers' webhooks and AWS itself: their addresses are not known beforehand.
resource "aws_vpc_security_group_egress_rule" "api_internet" {
  for_each = toset([for port in var.api_egress_ports : tostring(port)])

  security_group_id = aws_security_group.api.id
  description       = "vendors, webhooks and AWS"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
  cidr_ipv4         = "0.0.0.0/0"
}

# The agent pulls the image and writes logs in the task's name.
resource "aws_vpc_security_group_egress_rule" "web_aws" {
  security_group_id = aws_security_group.web.id
  description       = "image registry and logs"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
