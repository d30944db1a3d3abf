# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Images: built from the repository's root, pushed to ECR, and known by their digest from there on. Sourced.

registry() { echo "$account.dkr.ecr.$region.amazonaws.com"; }

# image_digest APP RELEASE: what ECR has under the tag; fails when it has nothing.
image_digest() {
  local answer
  answer=$(cloud ecr describe-images --repository-name "$(repository_name "$1")" --image-ids "imageTag=$2" 2>&1) || {
    if [[ "$answer" != *ImageNotFound* ]]; then bad "$answer"; fi
    return 1
  }
  jq -er '.imageDetails[0].imageDigest' <<<"$answer"
}

# pinned_image APP DIGEST: the one name of an image that never comes to mean another.
pinned_image() { echo "$(registry)/$(repository_name "$1")@$2"; }

registry_login() {
  # Through a pipe, as the guide does it: a password among the arguments would be seen by every process.
  aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$(registry)" >/dev/null
}

# build_and_push APP RELEASE: a release that ECR already has is not built again, as its tag cannot be written twice.
build_and_push() {
  local app=$1 release=$2 name local_tag remote_tag
  name=$(repository_name "$app")
  local_tag=$name:$release
  remote_tag=$(registry)/$name:$release
  # Fargate runs x86-64; a developer's machine may not be one.
  local platform=()
  if [[ "$(uname -m)" != x86_64 ]]; then platform=(--platform linux/amd64); fi
  say "building $local_tag"
  docker build "${platform[@]}" --build-arg "RETELL_RELEASE=$release" -t "$local_tag" -t "$name:latest" \
    -f "apps/$app/Dockerfile" . || return 1
  say "pushing $remote_tag"
  docker tag "$local_tag" "$remote_tag" || return 1
  docker push "$remote_tag" || return 1
}
