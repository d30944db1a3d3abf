# shellcheck shell=bash
# Sourced: the roles as they were applied, with signatures and policies checked: what each may do, and what it may not.
# shellcheck disable=SC2154  # $work and $network are the caller's

# as ROLE COMMAND...: with a session of the role.
as() {
  local role=$1 id key token
  shift
  IFS=$'\t' read -r id key token <"$work/session-$role"
  AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$key AWS_SESSION_TOKEN=$token "$@"
}

with_wrong_key() { as deploy env AWS_SECRET_ACCESS_KEY=wrong "$@"; }

# permitted WHAT COMMAND...: what the emulation has no answer to, it must at least not refuse.
permitted() {
  local what=$1 said
  shift
  if said=$(AWS_MAX_ATTEMPTS=1 "$@" 2>&1) || ! grep -q "$denied" <<<"$said"; then
    verdict "$what" yes
  else
    verdict "$what" no "$(tail -n 3 <<<"$said")"
  fi
}

# check_requests COUNT: from now on so many requests go unchecked.
check_requests() { curl -fsS -X POST -H 'Content-Type: text/plain' --data "$1" "$AWS_ENDPOINT_URL/moto-api/reset-auth" >/dev/null; }

assert_access() {
  local role task balancer denied='AccessDenied\|not authorized\|Forbidden'
  local recordings=retell-prod-recordings-123456789012 backups=retell-prod-backups-123456789012
  aws secretsmanager create-secret --name prod/of-somebody-else --secret-string x >/dev/null
  aws ecr create-repository --repository-name of-somebody-else >/dev/null
  aws ecr create-repository --repository-name retell-staging/api >/dev/null
  aws logs create-log-group --log-group-name /of/somebody-else
  for role in deploy task-api task-web execution-api execution-web; do
    aws sts assume-role --role-arn "arn:aws:iam::123456789012:role/retell-prod-$role" --role-session-name test \
      --query 'Credentials.[AccessKeyId, SecretAccessKey, SessionToken]' --output text >"$work/session-$role"
  done
  echo sound >"$work/call.wav"
  echo '{"environment": {"S": "production"}, "release": {"S": "LOCK"}}' >"$work/lock.json"
  aws ecs describe-task-definition --task-definition retell-prod-api --output json \
    --query 'taskDefinition.{family: family, networkMode: networkMode, containerDefinitions: containerDefinitions, cpu: cpu, memory: memory, requiresCompatibilities: requiresCompatibilities}' >"$work/revision.json"
  sed 's/"family": "retell-prod-api"/"family": "of-somebody-else"/' "$work/revision.json" >"$work/foreign.json"
  task=$(aws ecs list-tasks --cluster retell-prod-cluster --query 'taskArns[0]' --output text)
  balancer=$(aws elbv2 describe-load-balancers --names retell-prod --query 'LoadBalancers[0].LoadBalancerArn' --output text)
  aws logs create-log-stream --log-group-name /ecs/retell-prod/migrations --log-stream-name migrations/migrations/1
  check_requests 0

  works "API: record a call" as task-api aws s3 cp "$work/call.wav" "s3://$recordings/recordings/call.wav"
  works "API: play a call" as task-api aws s3 cp "s3://$recordings/recordings/call.wav" "$work/played.wav"
  works "API: delete a call" as task-api aws s3api delete-object --bucket "$recordings" --key recordings/call.wav
  refused "API: write elsewhere in the bucket" "$denied" as task-api aws s3 cp "$work/call.wav" "s3://$recordings/other/call.wav"
  refused "API: write to the backups" "$denied" as task-api aws s3 cp "$work/call.wav" "s3://$backups/recordings/call.wav"
  refused "API: list the bucket" "$denied" as task-api aws s3api list-objects-v2 --bucket "$recordings"
  refused "API: read secrets by itself" "$denied" as task-api aws secretsmanager get-secret-value --secret-id prod/jwt-secret
  permitted "API: protect itself" as task-api aws ecs update-task-protection --cluster retell-prod-cluster --tasks "$task" --protection-enabled
  permitted "API: see its protection" as task-api aws ecs get-task-protection --cluster retell-prod-cluster --tasks "$task"
  refused "API: protect a task of another cluster" "$denied" as task-api aws ecs update-task-protection \
    --cluster retell-staging-cluster --tasks "${task/retell-prod/retell-staging}" --protection-enabled
  refused "API: stop tasks" "$denied" as task-api aws ecs stop-task --cluster retell-prod-cluster --task "$task"
  refused "API: update services" "$denied" as task-api aws ecs update-service --cluster retell-prod-cluster --service retell-prod-api

  for role in jwt-secret retell-api-key twilio-auth-token redis-auth-token secret-key; do
    works "start of the API: read $role" as execution-api aws secretsmanager get-secret-value --secret-id "prod/$role"
  done
  refused "start of the API: read another secret" "$denied" as execution-api aws secretsmanager get-secret-value --secret-id prod/of-somebody-else
  refused "start of the API: recordings" "$denied" as execution-api aws s3 cp "$work/call.wav" "s3://$recordings/recordings/call.wav"
  works "start of the Web: registry" as execution-web aws ecr get-authorization-token
  refused "start of the Web: secrets" "$denied" as execution-web aws secretsmanager get-secret-value --secret-id prod/jwt-secret
  refused "Web: recordings" "$denied" as task-web aws s3api get-object --bucket "$recordings" --key recordings/call.wav "$work/x"
  refused "Web: services" "$denied" as task-web aws ecs describe-services --cluster retell-prod-cluster --services retell-prod-web

  works "deploy: log in to the registry" as deploy aws ecr get-login-password --region us-east-1
  works "deploy: see images" as deploy aws ecr describe-images --repository-name retell-prod/api
  refused "deploy: see another's images" "$denied" as deploy aws ecr describe-images --repository-name of-somebody-else
  works "deploy: see staging's images" as deploy aws ecr describe-images --repository-name retell-staging/api
  permitted "deploy: take staging's image" as deploy aws ecr batch-get-image --repository-name retell-staging/api --image-ids imageTag=1
  permitted "deploy: take its layers" as deploy aws ecr get-download-url-for-layer --repository-name retell-staging/api \
    --layer-digest "sha256:$(printf '%064d' 1)"
  refused "deploy: change staging's image" "$denied" as deploy aws ecr put-image --repository-name retell-staging/api --image-tag 1 --image-manifest '{}'
  refused "deploy: delete staging's image" "$denied" as deploy aws ecr batch-delete-image --repository-name retell-staging/api --image-ids imageTag=1
  works "deploy: register a revision" as deploy aws ecs register-task-definition --cli-input-json "file://$work/revision.json"
  refused "deploy: register another family" "$denied" as deploy aws ecs register-task-definition --cli-input-json "file://$work/foreign.json"
  works "deploy: update the API" as deploy aws ecs update-service --cluster retell-prod-cluster --service retell-prod-api --force-new-deployment
  works "deploy: update the Web" as deploy aws ecs update-service --cluster retell-prod-cluster --service retell-prod-web --force-new-deployment
  refused "deploy: update another's service" "$denied" as deploy aws ecs update-service --cluster retell-prod-cluster --service of-somebody-else
  refused "deploy: update a service of another cluster" "$denied" as deploy aws ecs update-service --cluster retell-staging-cluster --service retell-prod-api
  works "deploy: see the cluster" as deploy aws ecs describe-clusters --clusters retell-prod-cluster
  works "deploy: see a revision" as deploy aws ecs describe-task-definition --task-definition retell-prod-api
  works "deploy: mark a revision with its release" as deploy aws ecs tag-resource --tags key=release,value=1 \
    --resource-arn arn:aws:ecs:us-east-1:123456789012:task-definition/retell-prod-api:1
  works "deploy: list revisions" as deploy aws ecs list-task-definitions --family-prefix retell-prod-api --sort DESC
  works "deploy: see services" as deploy aws ecs describe-services --cluster retell-prod-cluster --services retell-prod-api
  works "deploy: list tasks" as deploy aws ecs list-tasks --cluster retell-prod-cluster
  works "deploy: see a task" as deploy aws ecs describe-tasks --cluster retell-prod-cluster --tasks "$task"
  permitted "deploy: see what protects tasks" as deploy aws ecs get-task-protection --cluster retell-prod-cluster --tasks "$task"
  refused "deploy: protect tasks" "$denied" as deploy aws ecs update-task-protection --cluster retell-prod-cluster \
    --tasks "$task" --protection-enabled
  works "deploy: stop a migration that hangs" as deploy aws ecs stop-task --cluster retell-prod-cluster --task "$task"
  refused "deploy: stop tasks of another cluster" "$denied" as deploy aws ecs stop-task --cluster retell-staging-cluster \
    --task "${task/retell-prod/retell-staging}"
  works "deploy: see the load balancer" as deploy aws elbv2 describe-load-balancers --load-balancer-arns "$balancer"
  works "deploy: see target groups" as deploy aws elbv2 describe-target-groups --names retell-prod-api
  refused "deploy: delete the load balancer" "$denied" as deploy aws elbv2 delete-load-balancer --load-balancer-arn "$balancer"
  permitted "deploy: read quotas" as deploy aws service-quotas get-service-quota --service-code fargate --quota-code L-3032A538
  works "deploy: read the migration's log" as deploy aws logs get-log-events --log-group-name /ecs/retell-prod/migrations \
    --log-stream-name migrations/migrations/1
  refused "deploy: list another cluster's tasks" "$denied" as deploy aws ecs list-tasks --cluster retell-staging-cluster
  works "deploy: run migrations" as deploy aws ecs run-task --cluster retell-prod-cluster \
    --task-definition retell-prod-migrations --launch-type FARGATE --network-configuration "$network"
  refused "deploy: run anything else" "$denied" as deploy aws ecs run-task --cluster retell-prod-cluster \
    --task-definition retell-prod-api --launch-type FARGATE --network-configuration "$network"
  refused "deploy: run migrations in another cluster" "$denied" as deploy aws ecs run-task --cluster retell-staging-cluster \
    --task-definition retell-prod-migrations --launch-type FARGATE --network-configuration "$network"
  works "deploy: read the API's log" as deploy aws logs filter-log-events --log-group-name /ecs/retell-prod/api
  refused "deploy: read another's log" "$denied" as deploy aws logs filter-log-events --log-group-name /of/somebody-else
  works "deploy: see that a secret exists" as deploy aws secretsmanager describe-secret --secret-id prod/jwt-secret
  refused "deploy: read a secret" "$denied" as deploy aws secretsmanager get-secret-value --secret-id prod/jwt-secret
  works "deploy: take the lock" as deploy aws dynamodb put-item --table-name retell-prod-deployments --item "file://$work/lock.json"
  works "deploy: read the lock" as deploy aws dynamodb get-item --table-name retell-prod-deployments --key "file://$work/lock.json"
  works "deploy: give the lock back" as deploy aws dynamodb delete-item --table-name retell-prod-deployments --key "file://$work/lock.json"
  refused "deploy: write Terraform's lock" "$denied" as deploy aws dynamodb put-item --table-name retell-terraform-lock --item "file://$work/lock.json"
  refused "deploy: recordings" "$denied" as deploy aws s3api get-object --bucket "$recordings" --key recordings/call.wav "$work/x"
  refused "deploy: make users" "$denied" as deploy aws iam create-user --user-name intruder
  refused "deploy: delete the database" "$denied" as deploy aws --endpoint-url "$AWS_ENDPOINT_URL" rds delete-db-instance --db-instance-identifier retell-prod --skip-final-snapshot
  refused "a wrong key" SignatureDoesNotMatch with_wrong_key aws secretsmanager describe-secret --secret-id prod/jwt-secret

  check_requests inf
  aws secretsmanager delete-secret --secret-id prod/of-somebody-else --force-delete-without-recovery >/dev/null
  aws ecr delete-repository --repository-name of-somebody-else >/dev/null
  aws ecr delete-repository --repository-name retell-staging/api >/dev/null
  aws logs delete-log-group --log-group-name /of/somebody-else
}
