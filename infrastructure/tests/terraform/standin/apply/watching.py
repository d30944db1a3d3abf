"""Logs, alarms, dashboard, topic, events, budget."""

from __future__ import annotations

from apply.aws import client, first, given, tags
from apply.registry import Value, creates, deletes


@creates("aws_cloudwatch_log_group")
def log_group(planned: Value) -> Value:
    client("logs").create_log_group(logGroupName=planned["name"], kmsKeyId=planned["kms_key_id"], tags=planned["tags_all"] or {})
    client("logs").put_retention_policy(logGroupName=planned["name"], retentionInDays=int(planned["retention_in_days"]))
    found = client("logs").describe_log_groups(logGroupNamePrefix=planned["name"])["logGroups"]
    arn = next(group["arn"] for group in found if group["logGroupName"] == planned["name"])
    return {"id": planned["name"], "arn": arn.removesuffix(":*")}


@deletes("aws_cloudwatch_log_group")
def _(prior: Value) -> None:
    client("logs").delete_log_group(logGroupName=prior["name"])


def _dimensions(values: Value) -> list[Value]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _query(query: Value) -> Value:
    wanted: Value = {"Id": query["id"], **given(Label=query["label"], Expression=query["expression"])}
    wanted["ReturnData"] = bool(query["return_data"])
    if metric := first(query, "metric"):
        wanted["MetricStat"] = {
            "Metric": {
                "Namespace": metric["namespace"], "MetricName": metric["metric_name"],
                "Dimensions": _dimensions(metric["dimensions"]),
            },
            "Period": int(metric["period"]), "Stat": metric["stat"],
        }
    return wanted


@creates("aws_cloudwatch_metric_alarm", repeatable=True)
def alarm(planned: Value) -> Value:
    name = planned["alarm_name"]
    arguments = given(
        AlarmDescription=planned["alarm_description"], Namespace=planned["namespace"], MetricName=planned["metric_name"],
        Statistic=planned["statistic"], ExtendedStatistic=planned["extended_statistic"],
        TreatMissingData=planned["treat_missing_data"], Threshold=float(planned["threshold"]),
        Period=int(planned["period"]) if planned["period"] else None,
        DatapointsToAlarm=int(planned["datapoints_to_alarm"]) if planned["datapoints_to_alarm"] else None,
        Dimensions=_dimensions(planned["dimensions"]) if planned["dimensions"] else None,
        Metrics=[_query(query) for query in planned["metric_query"]] or None,
    )
    client("cloudwatch").put_metric_alarm(
        AlarmName=name, ComparisonOperator=planned["comparison_operator"], EvaluationPeriods=int(planned["evaluation_periods"]),
        AlarmActions=list(planned["alarm_actions"] or []), OKActions=list(planned["ok_actions"] or []), Tags=tags(planned),
        **arguments,
    )
    found = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return {"id": name, "arn": found["AlarmArn"]}


@deletes("aws_cloudwatch_metric_alarm")
def _(prior: Value) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[prior["alarm_name"]])


@creates("aws_cloudwatch_dashboard", repeatable=True)
def dashboard(planned: Value) -> Value:
    client("cloudwatch").put_dashboard(DashboardName=planned["dashboard_name"], DashboardBody=planned["dashboard_body"])
    return {"id": planned["dashboard_name"]}


@deletes("aws_cloudwatch_dashboard")
def _(prior: Value) -> None:
    client("cloudwatch").delete_dashboards(DashboardNames=[prior["dashboard_name"]])


@creates("aws_sns_topic")
def topic(planned: Value) -> Value:
    attributes = {"KmsMasterKeyId": planned["kms_master_key_id"]}
    arn = client("sns").create_topic(Name=planned["name"], Attributes=attributes, Tags=tags(planned))["TopicArn"]
    return {"id": arn, "arn": arn, "owner": arn.split(":")[4]}


@deletes("aws_sns_topic")
def _(prior: Value) -> None:
    client("sns").delete_topic(TopicArn=prior["arn"])


@creates("aws_sns_topic_policy", repeatable=True)
def topic_policy(planned: Value) -> Value:
    client("sns").set_topic_attributes(TopicArn=planned["arn"], AttributeName="Policy", AttributeValue=planned["policy"])
    return {"id": planned["arn"], "owner": planned["arn"].split(":")[4]}


@deletes("aws_sns_topic_policy")
def _(prior: Value) -> None:
    """It goes with its topic."""


@creates("aws_sns_topic_subscription")
def subscription(planned: Value) -> Value:
    arn = client("sns").subscribe(
        TopicArn=planned["topic_arn"], Protocol=planned["protocol"], Endpoint=planned["endpoint"], ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    return {"id": arn, "arn": arn}


@deletes("aws_sns_topic_subscription")
def _(prior: Value) -> None:
    client("sns").unsubscribe(SubscriptionArn=prior["arn"])


@creates("aws_cloudwatch_event_rule", repeatable=True)
def event_rule(planned: Value) -> Value:
    made = client("events").put_rule(
        Name=planned["name"], EventPattern=planned["event_pattern"], State="ENABLED", Description=planned["description"]
    )
    return {"id": planned["name"], "arn": made["RuleArn"]}


@deletes("aws_cloudwatch_event_rule")
def _(prior: Value) -> None:
    client("events").delete_rule(Name=prior["name"])


@creates("aws_cloudwatch_event_target", repeatable=True)
def event_target(planned: Value) -> Value:
    target = "alarm-topic"
    client("events").put_targets(Rule=planned["rule"], Targets=[{"Id": target, "Arn": planned["arn"]}])
    return {"id": f"{planned['rule']}-{target}", "target_id": target}


@deletes("aws_cloudwatch_event_target")
def _(prior: Value) -> None:
    client("events").remove_targets(Rule=prior["rule"], Ids=[prior["target_id"]])


def _account() -> str:
    account: str = client("sts").get_caller_identity()["Account"]
    return account


@creates("aws_budgets_budget")
def budget(planned: Value) -> Value:
    notifications = [
        {
            "Notification": {
                "NotificationType": n["notification_type"], "ComparisonOperator": n["comparison_operator"],
                "Threshold": float(n["threshold"]), "ThresholdType": n["threshold_type"],
            },
            "Subscribers": [{"SubscriptionType": "SNS", "Address": arn} for arn in n["subscriber_sns_topic_arns"]],
        }
        for n in planned["notification"]
    ]
    client("budgets").create_budget(
        AccountId=_account(), NotificationsWithSubscribers=notifications,
        Budget={
            "BudgetName": planned["name"], "BudgetType": planned["budget_type"], "TimeUnit": planned["time_unit"],
            "BudgetLimit": {"Amount": planned["limit_amount"], "Unit": planned["limit_unit"]},
            "CostFilters": {f["name"]: list(f["values"]) for f in planned["cost_filter"]},
        },
    )
    return {"id": f"{_account()}:{planned['name']}", "account_id": _account()}


@deletes("aws_budgets_budget")
def _(prior: Value) -> None:
    client("budgets").delete_budget(AccountId=_account(), BudgetName=prior["name"])
