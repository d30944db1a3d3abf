// Cost of one call's words: they come a few hundred a minute, so microseconds are plenty.
#include <benchmark/benchmark.h>

#include <string_view>

#include "text/sentence_chunker.hpp"
#include "text/speech_normaliser.hpp"
#include "text/turn_text.hpp"

namespace {

using namespace retell::text;

constexpr std::string_view answer =
    "Claro, Maria! O total fica em R$ 1.234,56 à vista, ou 3 parcelas de R$ 411,52. A consulta com o Dr. João é no dia "
    "05/03/2026 às 14h30, na Av. Paulista, nº 1000. Qualquer dúvida, escreva para contato@clinica.com.br ou ligue para "
    "(11) 98765-4321. Posso confirmar?";

void chunk_answer(benchmark::State& state) {
  for (auto _ : state) {
    SentenceChunker chunker(Language::pt);
    for (std::size_t i = 0; i < answer.size(); i += 4) benchmark::DoNotOptimize(chunker.push(answer.substr(i, 4)));
    benchmark::DoNotOptimize(chunker.finish());
  }
}
BENCHMARK(chunk_answer);

void normalise_answer(benchmark::State& state) {
  const SpeechNormaliser normaliser(Language::pt);
  for (auto _ : state) benchmark::DoNotOptimize(normaliser(answer));
}
BENCHMARK(normalise_answer);

void make_normaliser(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(SpeechNormaliser(Language::pt));
}
BENCHMARK(make_normaliser);

void judge_partial(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(turn_end_likelihood("eu queria marcar uma consulta com o doutor joão na", Language::pt));
  }
}
BENCHMARK(judge_partial);

}  // namespace
