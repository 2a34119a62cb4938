// What the conversation of a run consists of: a pure function of the run, its events and its manifest. It touches no
// document and no network.

/**
 * @typedef {{kind: string, data: any}} RunEvent
 * @typedef {{key: string, agent: string, kind: string, at: string, [more: string]: any}} Message
 */

/** Who does what a state of the run stands for. */
const WORK = {
  understanding: { step: 'understand', agent: 'collector' },
  collecting: { step: 'collect', agent: 'collector' },
  analysing: { step: 'analyse', agent: 'analyser' },
  building: { step: 'build', agent: 'builder' },
};

export const ENDS = ['delivered', 'refused', 'failed', 'cancelled', 'expired'];

/** @param {string} state */
export const isWaiting = (state) => state === 'clarifying' || state === 'confirming';

/**
 * @param {any} run as GET /v1/runs/{id} shows it
 * @param {RunEvent[]} events in order
 * @param {any} manifest null until it is read, false when it is no longer kept
 * @returns {Message[]}
 */
export function transcript(run, events, manifest) {
  const t = new Transcript(run);
  for (const event of events) t.apply(event);
  t.finish(manifest);
  return t.messages;
}

class Transcript {
  /** @param {any} run */
  constructor(run) {
    this.run = run;
    this.turns = [...(run.turns || [])];
    /** @type {Message[]} */
    this.messages = [{ key: 'request', agent: 'you', kind: 'said', at: run.created_at, texts: [run.text] }];
    /** @type {Message|null} the last questions */
    this.asked = null;
    this.end = '';
  }

  /** @param {string} kind @param {string} agent @param {string} at @param {Object<string, any>} more */
  add(kind, agent, at, more) {
    const message = { key: kind + this.messages.length, agent, kind, at, ...more };
    this.messages.push(message);
    return message;
  }

  /** @param {RunEvent} event */
  apply({ kind, data }) {
    this.answersBefore(data.at);
    switch (kind) {
      case 'state':
        this.enter(data);
        break;
      case 'progress':
        if (data.stage) this.step(data).stages.push(data.stage);
        else this.step(data).lines.push(data.text);
        break;
      case 'step_succeeded':
        this.succeed(data);
        break;
      case 'step_failed':
        Object.assign(this.step(data), { state: data.retryable ? 'again' : 'failed', problem: data.reason.message });
        break;
      case 'ended':
        this.end = data.state;
        this.endedAt = data.at;
        this.reason = data.reason;
    }
  }

  /** The requester's answers that came before a moment, each set as one message. @param {string} [moment] */
  answersBefore(moment) {
    while (this.turns.length > 0 && (!moment || Date.parse(this.turns[0].at) <= Date.parse(moment))) {
      const at = this.turns[0].at;
      const texts = [];
      while (this.turns.length > 0 && this.turns[0].at === at) {
        const turn = /** @type {any} */ (this.turns.shift());
        texts.push(this.labelOf(turn));
      }
      this.add('said', 'you', at, { texts });
    }
  }

  /** @param {{question_id?: string, text: string}} turn */
  labelOf(turn) {
    const question = this.asked && this.asked.questions.find((/** @type {any} */ q) => q.id === turn.question_id);
    const option = question && question.options.find((/** @type {any} */ o) => o.value === turn.text);
    return option && option.label && question.kind !== 'confirm' ? option.label : turn.text;
  }

  /** @param {any} data */
  enter(data) {
    const work = WORK[/** @type {keyof typeof WORK} */ (data.state)];
    if (work) {
      const running = this.find(work.step, ['running', 'again']);
      if (running) running.state = 'running';
      else this.add('step', work.agent, data.at, { step: work.step, state: 'running', lines: [], stages: [], summary: '' });
    } else if (isWaiting(data.state)) {
      this.asked = this.add(data.state, 'collector', data.at, {
        questions: data.questions || [], interpretation: data.interpretation || [], open: false,
      });
    }
  }

  /** @param {string} step @param {string[]} states */
  find(step, states) {
    return this.messages.findLast((m) => m.kind === 'step' && m.step === step && states.includes(m.state));
  }

  /** @param {any} data @returns {Message} the message of the step that an event speaks of */
  step(data) {
    const found = this.find(data.step, ['running', 'again']);
    if (found) return found;
    const work = Object.values(WORK).find((w) => w.step === data.step);
    return this.add('step', work ? work.agent : 'manager', data.at, { step: data.step, state: 'running', lines: [], stages: [], summary: '' });
  }

  /** @param {any} data */
  succeed(data) {
    const step = this.step(data);
    Object.assign(step, { state: 'done', ms: data.worked_ms });
    const result = data.collected || data.analysed || data.built || {};
    step.summary = result.summary || '';
    step.placement = result.placement || [];
    step.unknown = result.unknown || [];
    if (result.proof) step.proof = result.proof;
    if (result.iterations) step.iterations = result.iterations;
  }

  /** @param {any} manifest */
  finish(manifest) {
    const { run } = this;
    this.answersBefore();
    const last = this.asked;
    if (last && isWaiting(run.state) && last.kind === run.state && this.messages.at(-1) === last) last.open = true;
    if (run.notices && run.notices.length > 0) {
      const first = this.messages.findIndex((m) => m.kind === 'step');
      const notice = { key: 'notices', agent: 'collector', kind: 'notices', at: run.created_at, notices: run.notices };
      this.messages.splice(first + 1 || this.messages.length, 0, notice);
    }
    // The end is told before the run and its manifest are read: they are shown together.
    if (this.end !== run.state || (run.manifest && run.state === 'delivered' && manifest === null)) return;
    for (const m of this.messages) if (m.kind === 'step' && m.state === 'running') m.state = 'stopped';
    if (run.reply) this.add('reply', 'collector', this.endedAt, { reply: run.reply });
    if (manifest) {
      this.add('manifest', 'builder', this.endedAt, { files: manifest.files, notes: manifest.notes || [], proof: manifest.proof });
    }
    this.add('ended', 'manager', this.endedAt, {
      state: this.end, reply: Boolean(run.reply), reason: (this.reason || run.refusal || run.failure || {}).message || '',
      proof: run.proof ? run.proof.status : '',
    });
  }
}

/**
 * Stands in for the events of a run that are no longer kept, as far as the run itself remembers them.
 * @param {any} run
 * @returns {RunEvent[]}
 */
export function remembered(run) {
  /** @type {RunEvent[]} */
  const events = [];
  for (const s of run.steps || []) {
    const state = Object.entries(WORK).find(([, w]) => w.step === s.step);
    if (state) events.push({ kind: 'state', data: { state: state[0], at: s.started_at } });
    if (s.outcome !== 'succeeded') continue;
    const data = { step: s.step, at: s.finished_at, worked_ms: s.worked_ms };
    if (s.step === 'collect') Object.assign(data, { collected: { unknown: run.unknown } });
    if (s.step === 'analyse') Object.assign(data, { analysed: { placement: run.placement } });
    if (s.step === 'build') Object.assign(data, { built: { proof: run.proof } });
    events.push({ kind: 'step_succeeded', data });
  }
  const { state, questions, interpretation, updated_at: at } = run;
  if (isWaiting(state)) events.push({ kind: 'state', data: { state, questions, interpretation, at } });
  if (ENDS.includes(state)) events.push({ kind: 'ended', data: { state, at } });
  return events;
}
