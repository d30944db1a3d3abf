// Uploads: assets, and the links that read what was uploaded.
#include "api/multipart_form.hpp"
#include "api/object_reply.hpp"
#include "api/routes/routes.hpp"
#include "core/ids.hpp"
#include "json/write.hpp"
#include "services/asset_type.hpp"

namespace retell::api {
namespace {

constexpr std::size_t largest_asset = std::size_t{10} << 20;  // Retell's

struct AssetForm {
  FileField file;
};
BOOST_DESCRIBE_STRUCT(AssetForm, (), (file))

struct Asset {
  std::string asset_id;
  std::string content_type;
  std::string file_name;
  std::int64_t file_size = 0;  // bytes
  std::int64_t created_timestamp = 0;
  std::string url;
};
BOOST_DESCRIBE_STRUCT(Asset, (), (asset_id, content_type, file_name, file_size, created_timestamp, url))

core::Task<Outcome> create_asset(Api& api, const Request& request) {
  const auto form = co_await MultipartForm::parse(request);
  if (!form) co_return tl::unexpected(form.error());
  const auto fields = form->read<AssetForm>();
  if (!fields) co_return tl::unexpected(fields.error());
  const auto files = form->files("file");
  if (files.size() != 1 || files.front().content.empty()) {
    co_return core::fail(core::ErrorCode::invalid, "file: expected one file that is not empty", "file");
  }
  const auto& file = files.front();
  if (file.content.size() > largest_asset) {
    co_return core::fail(core::ErrorCode::invalid, "file: must be at most 10 MB", "file");
  }
  auto content = co_await form->content(file).copy();
  auto type = services::asset_type(content);
  if (!type) co_return tl::unexpected(type.error());
  Asset asset;
  asset.asset_id = core::make_id("asset_");
  asset.content_type = std::move(*type);
  asset.file_name = file.file_name;
  asset.file_size = static_cast<std::int64_t>(file.content.size());
  asset.created_timestamp = core::epoch_ms(api.clock.wall());
  const auto stored = co_await api.files.put(asset.asset_id, std::move(content));
  if (!stored) co_return tl::unexpected(stored.error());
  asset.url = api.files.link(asset.asset_id);
  const auto kept = co_await api.assets.insert(request.organization(), {.id = asset.asset_id,
                                                                        .body = json::write(asset).as_object(),
                                                                        .created_at = asset.created_timestamp,
                                                                        .modified_at = asset.created_timestamp});
  if (!kept) co_return tl::unexpected(kept.error());
  co_return json_reply(201, json::write(asset));
}

// A link opens a file until it expires. Nothing else names an asset's address a second time, so its owner's key opens
// it, too.
core::Task<core::Result<>> check_access(Api& api, const Request& request, const std::string& name) {
  const auto expires = request.query("expires").value_or("");
  const auto signature = request.query("signature").value_or("");
  if (api.files.opens(name, expires, signature)) co_return core::Result<>{};
  if (!request.organization().empty()) {
    const auto asset = co_await api.assets.find(request.organization(), name);
    if (!asset) co_return tl::unexpected(asset.error());
    if (asset->has_value()) co_return core::Result<>{};
  }
  co_return core::fail(core::ErrorCode::forbidden, "The link is not valid or has expired.");
}

core::Task<Outcome> download(Api& api, const Request& request) {
  const auto& name = request.parameter(0);
  const auto allowed = co_await check_access(api, request, name);
  if (!allowed) co_return tl::unexpected(allowed.error());
  auto elsewhere = co_await api.files.elsewhere(name);
  if (elsewhere && *elsewhere) co_return onward_reply(std::move(**elsewhere));
  const auto size = co_await api.files.size(name);
  if (!size) co_return tl::unexpected(size.error());
  auto response = object_reply(request, *size, [&files = api.files, name](auto offset, auto length) {
    return files.read(name, offset, length);
  });
  // Whatever was uploaded, a browser must not run it as a page of this server.
  const bool text = name.ends_with(".txt");
  response.headers.set("Content-Type", text ? "text/plain; charset=utf-8" : "application/octet-stream");
  response.headers.set("Content-Security-Policy", "sandbox; default-src 'none'");
  if (!text) response.headers.set("Content-Disposition", "attachment");
  response.headers.set("Cache-Control", "no-store");
  co_return response;
}

constexpr Route table[] = {
    upload<&create_asset, AssetForm, Asset>("POST", "/create-asset", 201, "Upload an asset",
                                            largest_asset + MultipartForm::longest_field),
    endpoint<&download>("GET", "/files/{file}", 200, "What was uploaded, by its signed link", {.auth = Auth::optional}),
};

}  // namespace

std::span<const Route> file_routes() { return table; }

}  // namespace retell::api
