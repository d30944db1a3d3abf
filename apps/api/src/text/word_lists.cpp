#include "text/word_lists.hpp"

#include <algorithm>
#include <array>

namespace retell::text::lists {
namespace {

using namespace std::string_view_literals;

constexpr std::array en_filler{"um"sv,  "umm"sv, "uh"sv,  "uhh"sv, "uhm"sv, "er"sv,  "erm"sv,
                               "hmm"sv, "hm"sv,  "mmm"sv, "ah"sv,  "eh"sv,  "like"sv};
constexpr std::array pt_filler{"hum"sv, "hmm"sv, "hm"sv,  "ha"sv, "eh"sv,   "ehh"sv,   "ahn"sv,   "ah"sv,
                               "e"sv,   "ee"sv,  "eee"sv, "uh"sv, "tipo"sv, "entao"sv, "assim"sv, "quer dizer"sv};

constexpr std::array en_back_channel{
    "mmhm"sv,    "mhm"sv,       "mm"sv,     "mmm"sv,    "hmm"sv,    "hm"sv,       "uhhuh"sv,      "uhuh"sv,
    "ahhah"sv,   "aha"sv,       "yeah"sv,   "yep"sv,    "yup"sv,    "yes"sv,      "ok"sv,         "okay"sv,
    "right"sv,   "sure"sv,      "i see"sv,  "got it"sv, "oh"sv,     "ah"sv,       "huh"sv,        "wow"sv,
    "really"sv,  "cool"sv,      "nice"sv,   "great"sv,  "good"sv,   "alright"sv,  "all right"sv,  "true"sv,
    "exactly"sv, "of course"sv, "i know"sv, "no way"sv, "gotcha"sv, "i see it"sv, "i see that"sv, "mm hm"sv,
    "uh huh"sv,  "mm hmm"sv,    "mmhmm"sv};
constexpr std::array pt_back_channel{
    "aham"sv,       "uhum"sv,     "uhm"sv,     "hum"sv,    "hm"sv,       "hmm"sv,        "mhm"sv,         "mm"sv,
    "mmhm"sv,       "sim"sv,      "ta"sv,      "ta bom"sv, "ta certo"sv, "ok"sv,         "okay"sv,        "certo"sv,
    "isso"sv,       "entendi"sv,  "entendo"sv, "sei"sv,    "e"sv,        "pois e"sv,     "claro"sv,       "beleza"sv,
    "legal"sv,      "ah"sv,       "ah ta"sv,   "ah sim"sv, "oh"sv,       "e mesmo"sv,    "verdade"sv,     "exato"sv,
    "exatamente"sv, "perfeito"sv, "otimo"sv,   "show"sv,   "bom"sv,      "bacana"sv,     "com certeza"sv, "tudo bem"sv,
    "uh huh"sv,     "ahan"sv,     "arram"sv,   "uai"sv,    "nossa"sv,    "isso mesmo"sv, "a ta"sv};

constexpr std::array en_connector{
    "and"sv,      "or"sv,     "but"sv,    "because"sv, "cause"sv,  "so"sv,     "if"sv,      "when"sv,    "while"sv,
    "although"sv, "though"sv, "unless"sv, "until"sv,   "since"sv,  "that"sv,   "than"sv,    "then"sv,    "which"sv,
    "who"sv,      "whose"sv,  "the"sv,    "a"sv,       "an"sv,     "my"sv,     "your"sv,    "his"sv,     "her"sv,
    "its"sv,      "our"sv,    "their"sv,  "this"sv,    "these"sv,  "those"sv,  "of"sv,      "to"sv,      "for"sv,
    "with"sv,     "at"sv,     "from"sv,   "by"sv,      "into"sv,   "about"sv,  "between"sv, "without"sv, "through"sv,
    "during"sv,   "as"sv,     "is"sv,     "are"sv,     "was"sv,    "were"sv,   "am"sv,      "im"sv,      "ill"sv,
    "ive"sv,      "id"sv,     "its"sv,    "thats"sv,   "will"sv,   "would"sv,  "could"sv,   "should"sv,  "can"sv,
    "may"sv,      "might"sv,  "must"sv,   "not"sv,     "very"sv,   "really"sv, "just"sv,    "also"sv,    "maybe"sv,
    "well"sv,     "i"sv,      "we"sv,     "they"sv,    "he"sv,     "she"sv,    "wanna"sv,   "gonna"sv,   "dont"sv,
    "doesnt"sv,   "didnt"sv,  "be"sv,     "plus"sv,    "versus"sv, "per"sv};
constexpr std::array pt_connector{
    "e"sv,        "ou"sv,     "mas"sv,   "porem"sv,  "porque"sv, "pois"sv,  "que"sv,   "se"sv,     "quando"sv,
    "enquanto"sv, "embora"sv, "como"sv,  "pra"sv,    "para"sv,   "por"sv,   "pelo"sv,  "pela"sv,   "de"sv,
    "do"sv,       "da"sv,     "dos"sv,   "das"sv,    "em"sv,     "no"sv,    "na"sv,    "nos"sv,    "nas"sv,
    "num"sv,      "numa"sv,   "com"sv,   "sem"sv,    "sobre"sv,  "entre"sv, "ate"sv,   "desde"sv,  "o"sv,
    "a"sv,        "os"sv,     "as"sv,    "um"sv,     "uma"sv,    "uns"sv,   "umas"sv,  "ao"sv,     "aos"sv,
    "meu"sv,      "minha"sv,  "meus"sv,  "minhas"sv, "seu"sv,    "sua"sv,   "nosso"sv, "nossa"sv,  "este"sv,
    "esta"sv,     "esse"sv,   "essa"sv,  "aquele"sv, "aquela"sv, "eu"sv,    "ele"sv,   "ela"sv,    "nao"sv,
    "muito"sv,    "mais"sv,   "menos"sv, "tipo"sv,   "qual"sv,   "cujo"sv,  "quero"sv, "queria"sv, "gostaria"sv,
    "preciso"sv,  "vou"sv,    "estou"sv, "to"sv,     "sou"sv,    "era"sv,   "sao"sv,   "tenho"sv,  "entao"sv,
    "tambem"sv,   "talvez"sv, "so"sv,    "ainda"sv,  "nem"sv,    "caso"sv,  "pros"sv,  "pras"sv,   "pro"sv};

constexpr std::array en_short_answer{
    "yes"sv,           "no"sv,         "yeah"sv,        "yep"sv,         "yup"sv,          "nope"sv,
    "nah"sv,           "ok"sv,         "okay"sv,        "sure"sv,        "correct"sv,      "right"sv,
    "exactly"sv,       "fine"sv,       "thanks"sv,      "hello"sv,       "hi"sv,           "hey"sv,
    "true"sv,          "false"sv,      "never"sv,       "maybe"sv,       "of course"sv,    "not really"sv,
    "i do"sv,          "i dont"sv,     "yes please"sv,  "no thanks"sv,   "no thank you"sv, "thats right"sv,
    "thats correct"sv, "that works"sv, "sounds good"sv, "i dont know"sv, "go ahead"sv,     "tomorrow"sv,
    "today"sv,         "yes i do"sv,   "yes it is"sv,   "no its not"sv,  "perfect"sv,      "great"sv,
    "absolutely"sv,    "speaking"sv,   "it is"sv,       "yes i am"sv,    "hold on"sv,      "wait"sv,
    "stop"sv};
constexpr std::array pt_short_answer{
    "sim"sv,          "nao"sv,     "ok"sv,          "certo"sv,       "claro"sv,         "isso"sv,
    "isso mesmo"sv,   "correto"sv, "exato"sv,       "exatamente"sv,  "pode"sv,          "pode ser"sv,
    "pode sim"sv,     "quero"sv,   "quero sim"sv,   "nao quero"sv,   "aceito"sv,        "confirmo"sv,
    "alo"sv,          "oi"sv,      "ola"sv,         "bom dia"sv,     "boa tarde"sv,     "boa noite"sv,
    "talvez"sv,       "nunca"sv,   "com certeza"sv, "ta bom"sv,      "tudo bem"sv,      "beleza"sv,
    "perfeito"sv,     "nao sei"sv, "sei sim"sv,     "amanha"sv,      "hoje"sv,          "sou eu"sv,
    "e ele"sv,        "e ela"sv,   "sim senhor"sv,  "sim senhora"sv, "sim por favor"sv, "nao obrigado"sv,
    "nao obrigada"sv, "sou"sv,     "sou sim"sv,     "tenho"sv,       "tenho sim"sv,     "espera"sv,
    "para"sv,         "fechado"sv, "combinado"sv,   "depende"sv};

constexpr std::array en_question_word{"what"sv, "when"sv,  "where"sv, "who"sv,   "whose"sv,  "whom"sv,  "why"sv,
                                      "how"sv,  "which"sv, "can"sv,   "could"sv, "do"sv,     "does"sv,  "did"sv,
                                      "is"sv,   "are"sv,   "was"sv,   "were"sv,  "will"sv,   "would"sv, "should"sv,
                                      "may"sv,  "have"sv,  "has"sv,   "whats"sv, "wheres"sv, "whos"sv,  "hows"sv,
                                      "isnt"sv, "arent"sv, "dont"sv,  "cant"sv};
constexpr std::array pt_question_word{
    "que"sv,    "o que"sv,   "qual"sv,          "quais"sv,     "quando"sv,    "onde"sv,     "aonde"sv,
    "quem"sv,   "como"sv,    "quanto"sv,        "quanta"sv,    "quantos"sv,   "quantas"sv,  "por que"sv,
    "porque"sv, "cade"sv,    "sera que"sv,      "voce pode"sv, "voces tem"sv, "tem como"sv, "da pra"sv,
    "a que"sv,  "pode me"sv, "voce consegue"sv, "da para"sv,   "ate que"sv};

constexpr std::array en_open_phrase{
    "my name is"sv, "number is"sv,       "address is"sv,  "email is"sv,     "birth is"sv,  "id is"sv,
    "code is"sv,    "i want"sv,          "i want to"sv,   "i would like"sv, "id like"sv,   "id like to"sv,
    "i need"sv,     "i need to"sv,       "i think"sv,     "i guess"sv,      "i mean"sv,    "you know"sv,
    "let me see"sv, "let me think"sv,    "lets see"sv,    "can you"sv,      "could you"sv, "do you"sv,
    "i was"sv,      "i was wondering"sv, "i have"sv,      "there is"sv,     "theres"sv,    "the thing is"sv,
    "in order"sv,   "such as"sv,         "for example"sv, "kind of"sv,      "sort of"sv,   "i was going"sv,
    "a lot of"sv,   "at the"sv,          "one moment"sv,  "want to know"sv, "its about"sv, "im looking"sv,
    "im calling"sv, "how do i"sv,        "what is the"sv, "it is a"sv,      "in the"sv};
constexpr std::array pt_open_phrase{
    "meu nome e"sv,   "numero e"sv,     "endereco e"sv,        "email e"sv,      "cpf e"sv,        "telefone e"sv,
    "codigo e"sv,     "cep e"sv,        "eu quero"sv,          "eu queria"sv,    "eu gostaria"sv,  "gostaria de"sv,
    "eu preciso"sv,   "eu acho"sv,      "acho que"sv,          "quer dizer"sv,   "deixa eu ver"sv, "deixa ver"sv,
    "vamos ver"sv,    "voce pode"sv,    "voce poderia"sv,      "pode me"sv,      "eu estava"sv,    "eu tava"sv,
    "eu tenho"sv,     "e que"sv,        "por exemplo"sv,       "tipo assim"sv,   "sabe como"sv,    "um momento"sv,
    "so um minuto"sv, "queria saber"sv, "gostaria de saber"sv, "o problema e"sv, "a questao e"sv,  "eu vou"sv,
    "tem um"sv,       "e sobre"sv,      "estou ligando"sv,     "to ligando"sv,   "ligando pra"sv,  "nascimento e"sv,
    "e o"sv,          "e a"sv};

constexpr std::array en_closing_phrase{"thank you"sv,
                                       "thanks"sv,
                                       "thats all"sv,
                                       "thats it"sv,
                                       "bye"sv,
                                       "goodbye"sv,
                                       "have a nice day"sv,
                                       "see you"sv,
                                       "nothing else"sv,
                                       "please"sv,
                                       "thank you very much"sv,
                                       "that would be great"sv,
                                       "thats everything"sv,
                                       "bye bye"sv,
                                       "thats fine"sv,
                                       "youre welcome"sv};
constexpr std::array pt_closing_phrase{
    "obrigado"sv,  "obrigada"sv,      "muito obrigado"sv, "muito obrigada"sv, "e isso"sv,    "so isso"sv,
    "era isso"sv,  "tchau"sv,         "ate logo"sv,       "ate mais"sv,       "valeu"sv,     "mais nada"sv,
    "por favor"sv, "por gentileza"sv, "bom dia"sv,        "boa tarde"sv,      "boa noite"sv, "era so isso"sv,
    "e so isso"sv, "e so"sv,          "de nada"sv,        "tudo certo"sv};

constexpr std::array en_tag_question{"right"sv,   "isnt it"sv,   "arent you"sv, "dont you"sv,
                                     "correct"sv, "huh"sv,       "okay"sv,      "ok"sv,
                                     "you see"sv, "doesnt it"sv, "or not"sv,    "is that right"sv};
constexpr std::array pt_tag_question{"ne"sv,   "nao e"sv,  "ta"sv, "certo"sv,       "viu"sv,    "entendeu"sv,
                                     "sabe"sv, "ta bom"sv, "ok"sv, "nao e mesmo"sv, "ou nao"sv, "beleza"sv};

constexpr std::array en_number_word{"zero"sv, "oh"sv,  "one"sv,   "two"sv,   "three"sv, "four"sv,
                                    "five"sv, "six"sv, "seven"sv, "eight"sv, "nine"sv};
constexpr std::array pt_number_word{"zero"sv,  "um"sv,   "uma"sv,  "dois"sv, "duas"sv, "tres"sv, "quatro"sv,
                                    "cinco"sv, "seis"sv, "meia"sv, "sete"sv, "oito"sv, "nove"sv};

}  // namespace

std::span<const std::string_view> entries(List list, Language language) {
  const bool pt = language == Language::pt;
  const auto pick = [pt](const auto& english, const auto& portuguese) -> std::span<const std::string_view> {
    if (pt) return portuguese;
    return english;
  };
  switch (list) {
    case List::filler:
      return pick(en_filler, pt_filler);
    case List::back_channel:
      return pick(en_back_channel, pt_back_channel);
    case List::connector:
      return pick(en_connector, pt_connector);
    case List::short_answer:
      return pick(en_short_answer, pt_short_answer);
    case List::question_word:
      return pick(en_question_word, pt_question_word);
    case List::open_phrase:
      return pick(en_open_phrase, pt_open_phrase);
    case List::closing_phrase:
      return pick(en_closing_phrase, pt_closing_phrase);
    case List::tag_question:
      return pick(en_tag_question, pt_tag_question);
    case List::number_word:
      return pick(en_number_word, pt_number_word);
  }
  return {};
}

bool contains(List list, Language language, std::string_view folded) {
  const auto holds = [&](Language one) {
    const auto all = entries(list, one);
    return std::ranges::find(all, folded) != all.end();
  };
  return (language != Language::pt && holds(Language::en)) || (language != Language::en && holds(Language::pt));
}

}  // namespace retell::text::lists
