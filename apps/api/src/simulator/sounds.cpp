#include "simulator/sounds.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace retell::simulator {
namespace {

constexpr double rate = 8'000;

std::size_t samples(double seconds) { return static_cast<std::size_t>(seconds * rate); }

// A two-pole resonance: what a mouth, a throat or a wooden door makes of noise.
class Resonator {
 public:
  Resonator(double hertz, double bandwidth)
      : decay_(std::exp(-std::numbers::pi * bandwidth / rate)),
        turn_(2 * decay_ * std::cos(2 * std::numbers::pi * hertz / rate)) {}
  double operator()(double in) {
    const double out = in + turn_ * last_ - decay_ * decay_ * before_;
    before_ = last_;
    last_ = out;
    return out;
  }

 private:
  double decay_;
  double turn_;
  double last_ = 0;
  double before_ = 0;
};

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  struct Shape {
    double seconds = 0.2;
    double rise_s = 0.01;
    double level = 0.5;    // of full scale, at the peak
    double dying = 4;      // how fast it fades after the rise; 0: it stays
    double rattle_hz = 0;  // shaken so often; 0: not at all
  };
  // Noise through resonances.
  void burst(const Shape& shape, std::vector<Resonator> tract) {
    std::vector<double> sound(samples(shape.seconds));
    double peak = 1e-9;
    for (std::size_t i = 0; i < sound.size(); ++i) {
      const double t = static_cast<double>(i) / rate;
      const double fade = t < shape.rise_s
                              ? t / shape.rise_s
                              : std::exp(-shape.dying * (t - shape.rise_s) / (shape.seconds - shape.rise_s));
      const double swing = 0.5 + 0.5 * std::sin(2 * std::numbers::pi * shape.rattle_hz * t);
      const double shake = shape.rattle_hz > 0 ? std::pow(swing, 4.0) : 1.0;
      const double air = noise_(random_) * fade * shake;
      for (auto& resonance : tract) sound[i] += resonance(air);
      peak = std::max(peak, std::abs(sound[i]));
    }
    for (const double value : sound)
      out_.push_back(static_cast<std::int16_t>(std::lround(value / peak * shape.level * 32'767)));
  }
  void silence(double seconds) { out_.resize(out_.size() + samples(seconds)); }
  [[nodiscard]] double between(double low, double high) { return std::uniform_real_distribution(low, high)(random_); }
  [[nodiscard]] std::vector<std::int16_t> take() { return std::move(out_); }

 private:
  std::mt19937 random_;
  std::normal_distribution<double> noise_{0, 1};
  std::vector<std::int16_t> out_;
};

}  // namespace

std::string_view name_of(Sound sound) {
  switch (sound) {
    case Sound::cough:
      return "cough";
    case Sound::throat:
      return "throat";
    case Sound::slam:
      return "slam";
    case Sound::keys:
      return "keys";
    case Sound::hiss:
      return "hiss";
  }
  return "sound";
}

std::vector<std::int16_t> make_sound(Sound sound, std::uint32_t seed) {
  Maker maker(seed);
  switch (sound) {
    case Sound::cough:
      for (int i = 0; i < 2; ++i) {
        maker.burst({.seconds = maker.between(0.18, 0.28), .rise_s = 0.012, .level = maker.between(0.35, 0.6)},
                    {Resonator(maker.between(450, 650), 180), Resonator(maker.between(1'300, 1'700), 300)});
        maker.silence(maker.between(0.12, 0.22));
      }
      break;
    case Sound::throat:
      maker.burst({.seconds = maker.between(0.35, 0.5),
                   .rise_s = 0.06,
                   .level = maker.between(0.25, 0.4),
                   .rattle_hz = maker.between(28, 40)},
                  {Resonator(maker.between(250, 350), 120), Resonator(maker.between(900, 1'100), 250)});
      break;
    case Sound::slam:
      maker.burst({.seconds = maker.between(0.2, 0.3), .rise_s = 0.003, .level = maker.between(0.6, 0.9)},
                  {Resonator(maker.between(80, 140), 60)});
      break;
    case Sound::keys:
      for (int i = 0; i < 8; ++i) {
        maker.burst({.seconds = 0.025, .rise_s = 0.001, .level = maker.between(0.1, 0.25)},
                    {Resonator(maker.between(2'000, 3'000), 700)});
        maker.silence(maker.between(0.06, 0.2));
      }
      break;
    case Sound::hiss:
      maker.burst({.seconds = 3.0, .rise_s = 0.1, .level = 0.03, .dying = 0}, {Resonator(300, 900)});
      break;
  }
  return maker.take();
}

}  // namespace retell::simulator
