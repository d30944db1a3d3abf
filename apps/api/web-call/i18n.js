// The page's words in English and Brazilian Portuguese.

const words = {
  en: {
    title: 'Talk to a voice agent',
    lead: 'Press the button, speak as on the telephone, and interrupt whenever you like.',
    agent: 'Agent',
    call: 'Start the call',
    call_again: 'Call again',
    hang_up: 'Hang up',
    mute: 'Mute',
    unmute: 'Unmute',
    you: 'You',
    agent_side: 'Agent',
    transcript: 'Conversation',
    transcript_empty: 'The words of both sides appear here while you speak.',
    interrupted: 'interrupted',
    idle: 'Ready',
    connecting: 'Connecting…',
    microphone_wait: 'Waiting for your microphone…',
    live: 'On the call',
    listening: 'Listening',
    speaking: 'Speaking',
    ended: 'Call ended',
    recording: 'Recording',
    recording_note: 'You on the left channel, the agent on the right.',
    recording_save: 'Save it',
    turns: 'Answers',
    median: 'Median wait',
    slowest: 'Longest wait',
    answered_after: 'answered after {ms} ms',
    recording_none: 'This call left no recording.',
    latency: 'How long you waited',
    latency_note: 'In milliseconds, from your last sound to the agent’s first, turn by turn.',
    latency_none: 'No turn was measured in this call.',
    turn: 'Turn',
    heard: 'Wait',
    end_of_turn_ms: 'End of turn',
    transcript_ms: 'Transcript',
    model_first_token_ms: 'First token',
    first_clause_ms: 'First clause',
    synthesis_first_byte_ms: 'Synthesis',
    transport_ms: 'Transport',
    theme: 'Light or dark',
    language: 'Language',
    error_NotAllowedError: 'The microphone was refused. Allow it in the address bar and try again.',
    error_NotFoundError: 'No microphone was found. Connect one and try again.',
    error_NotReadableError: 'The microphone is in use by another program.',
    error_microphone: 'The microphone could not be opened.',
    error_SecurityError: 'Browsers give the microphone only to https pages and to localhost.',
    error_busy: 'All lines are busy. Try again in a moment.',
    error_often: 'You have called often. Try again later.',
    error_off: 'Calls from this page are switched off. Whoever runs the server can switch them on (call_page.public).',
    error_closing: 'The server is shutting down and takes no new calls.',
    error_server: 'The server did not take the call. Its log says why.',
    error_gone: 'The server does not answer. Is it running?',
    error_expired: 'The call came too late. Try again.',
    error_lost: 'The connection was lost.',
    no_agents: 'No agent is set up to be talked to here.',
    reason_user_hangup: 'you hung up',
    reason_agent_hangup: 'the agent hung up',
    reason_inactivity: 'nobody spoke',
    reason_max_duration_reached: 'longest duration reached',
    reason_manual_stopped: 'stopped by an operator',
    reason_server_shutdown: 'the server is restarting',
    reason_error: 'an error; the server’s log says which',
  },
  'pt-BR': {
    title: 'Converse com um agente de voz',
    lead: 'Aperte o botão, fale como ao telefone e interrompa quando quiser.',
    agent: 'Agente',
    call: 'Iniciar a chamada',
    call_again: 'Ligar de novo',
    hang_up: 'Desligar',
    mute: 'Silenciar',
    unmute: 'Reativar',
    you: 'Você',
    agent_side: 'Agente',
    transcript: 'Conversa',
    transcript_empty: 'As palavras dos dois lados aparecem aqui enquanto vocês falam.',
    interrupted: 'interrompido',
    idle: 'Pronto',
    connecting: 'Conectando…',
    microphone_wait: 'Aguardando o microfone…',
    live: 'Em chamada',
    listening: 'Ouvindo',
    speaking: 'Falando',
    ended: 'Chamada encerrada',
    recording: 'Gravação',
    recording_note: 'Você no canal esquerdo, o agente no direito.',
    recording_save: 'Salvar',
    turns: 'Respostas',
    median: 'Espera mediana',
    slowest: 'Maior espera',
    answered_after: 'respondeu em {ms} ms',
    recording_none: 'Esta chamada não deixou gravação.',
    latency: 'Quanto você esperou',
    latency_note: 'Em milissegundos, do seu último som ao primeiro som do agente, turno a turno.',
    latency_none: 'Nenhum turno foi medido nesta chamada.',
    turn: 'Turno',
    heard: 'Espera',
    end_of_turn_ms: 'Fim de turno',
    transcript_ms: 'Transcrição',
    model_first_token_ms: 'Primeiro token',
    first_clause_ms: 'Primeira frase',
    synthesis_first_byte_ms: 'Síntese',
    transport_ms: 'Transporte',
    theme: 'Claro ou escuro',
    language: 'Idioma',
    error_NotAllowedError: 'O microfone foi recusado. Permita-o na barra de endereço e tente de novo.',
    error_NotFoundError: 'Nenhum microfone foi encontrado. Conecte um e tente de novo.',
    error_NotReadableError: 'O microfone está em uso por outro programa.',
    error_microphone: 'Não foi possível abrir o microfone.',
    error_SecurityError: 'O navegador só libera o microfone em páginas https e em localhost.',
    error_busy: 'Todas as linhas estão ocupadas. Tente de novo em instantes.',
    error_often: 'Você já ligou várias vezes. Tente de novo mais tarde.',
    error_off: 'As chamadas desta página estão desligadas. Quem opera o servidor pode ligá-las (call_page.public).',
    error_closing: 'O servidor está sendo desligado e não aceita novas chamadas.',
    error_server: 'O servidor não aceitou a chamada. O log dele diz por quê.',
    error_gone: 'O servidor não responde. Ele está no ar?',
    error_expired: 'A chamada demorou demais para conectar. Tente de novo.',
    error_lost: 'A conexão foi perdida.',
    no_agents: 'Nenhum agente está disponível aqui.',
    reason_user_hangup: 'você desligou',
    reason_agent_hangup: 'o agente desligou',
    reason_inactivity: 'ninguém falou',
    reason_max_duration_reached: 'duração máxima atingida',
    reason_manual_stopped: 'encerrada por um operador',
    reason_server_shutdown: 'o servidor está reiniciando',
    reason_error: 'um erro; o log do servidor diz qual',
  },
};

const remembered = () => {
  try {
    return localStorage.getItem('language');
  } catch {
    return null; // storage is switched off
  }
};

export const languages = Object.keys(words);
export let language =
  languages.find((known) => known === remembered()) ??
  (navigator.languages.find((wish) => /^(pt|en)/i.test(wish)) ?? 'en').replace(/^pt.*/i, 'pt-BR').replace(/^en.*/i, 'en');

export function t(key) {
  return words[language][key] ?? words.en[key] ?? key;
}

// Fills every element with data-t (text) or data-t-label (accessible name and tooltip).
export function translate(root = document) {
  document.documentElement.lang = language;
  document.title = t('title');
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel));
    element.title = t(element.dataset.tLabel);
  }
}

export function setLanguage(wish) {
  language = languages.includes(wish) ? wish : 'en';
  try {
    localStorage.setItem('language', language);
  } catch {
    // it is asked for again next time
  }
  translate();
}
