# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Images: taken from where they were tried, or built from the repository's root; pushed to ECR, and known by their digest from
# there on. Sourced.

# Fargate runs x86-64; a developer's machine may not be one.
platform=()
if [[ "$(uname -m)" != x86_64 ]]; then platform=(--platform linux/amd64); fi

registry() { echo "$account.dkr.ecr.$region.amazonaws.com"; }

# digest_in REPOSITORY RELEASE: what ECR has under the tag; fails when it has nothing, and says why where that is no plain no.
digest_in() {
  local answer
  answer=$(cloud ecr describe-images --repository-name "$1" --image-ids "imageTag=$2" 2>&1) || {
    if [[ "$answer" != *ImageNotFound* ]]; then echo "${answer##*$'\n'}" >&2; fi
    return 1
  }
  jq -er '.imageDetails[0].imageDigest' <<<"$answer"
}

# image_digest APP RELEASE: in the environment's own repository.
image_digest() { digest_in "$(repository_name "$1")" "$2"; }

# tried_digest APP RELEASE: in the repository of the environment that tries releases first. An account without that
# environment, or a role that may not look there, builds as ever.
tried_digest() {
  local complaint=$scratch/tried-$1
  if [[ -z "$tried_prefix" ]]; then return 1; fi
  digest_in "$tried_prefix/$1" "$2" 2>"$complaint" && return 0
  if [[ -s "$complaint" ]] && ! grep -q RepositoryNotFound "$complaint"; then
    warn "$tried_prefix/$1 cannot be looked into, so the image that staging may have is not taken: $(cat "$complaint")"
  fi
  return 1
}

# pinned_image APP DIGEST: the one name of an image that never comes to mean another.
pinned_image() { echo "$(registry)/$(repository_name "$1")@$2"; }

registry_login() {
  # Through a pipe, as the guide does it: a password among the arguments would be seen by every process.
  aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$(registry)" >/dev/null
}

# take_over APP DIGEST RELEASE: the very image that was tried, by its digest, into the environment's own repository: a second
# build of the same commit gets other packages of the day, and nobody has seen it run.
take_over() {
  local image remote_tag
  image=$(registry)/$tried_prefix/$1@$2
  remote_tag=$(registry)/$(repository_name "$1"):$3
  say "pulling $image"
  docker pull "${platform[@]}" "$image" || return 1
  say "pushing $remote_tag"
  docker tag "$image" "$remote_tag" || return 1
  docker push "$remote_tag" || return 1
}

# build_and_push APP RELEASE: a release that ECR already has is not built again, as its tag cannot be written twice.
build_and_push() {
  local app=$1 release=$2 name local_tag remote_tag
  name=$(repository_name "$app")
  local_tag=$name:$release
  remote_tag=$(registry)/$name:$release
  say "building $local_tag"
  docker build "${platform[@]}" --build-arg "RETELL_RELEASE=$release" -t "$local_tag" -t "$name:latest" \
    -f "apps/$app/Dockerfile" . || return 1
  say "pushing $remote_tag"
  docker tag "$local_tag" "$remote_tag" || return 1
  docker push "$remote_tag" || return 1
}
