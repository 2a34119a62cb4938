package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// speakers is the name of the agent on each message, in order, repetitions left out.
const speakers = `[...document.querySelectorAll('.message')].map((m) => m.querySelector('h3.agent').textContent).filter((a, i, all) => a !== all[i - 1])`

// TestScenario4OnThePage is the thesis's scenario 4 as its figures show it: by the web page, in French.
//
// Shows: T-4.6.3-04
func TestScenario4OnThePage(t *testing.T) {
	s := serve(t)
	b := s.open(t, "fr")
	b.wait("the welcome", "!document.getElementById('welcome').hidden")
	b.accessible("empty")
	b.shoot("empty-light")

	b.ask("créer un serveur web basé sur le template vm id 100")
	b.wait("the interpretation", "document.querySelector('[data-kind=confirming] form')")
	assumed := eval[[]string](b, `[...document.querySelectorAll('[data-kind=confirming] tr.is-assumed')].filter((r) => !r.lastElementChild.textContent).map((r) => r.textContent)`)
	if len(assumed) > 0 {
		t.Errorf("assumed without a reason: %q", assumed)
	}
	table := eval[string](b, `document.querySelector('[data-kind=confirming] table').innerText`)
	for _, want := range []string{"webserver", "100", "énoncé", "supposé"} {
		if !strings.Contains(table, want) {
			t.Errorf("the interpretation does not say %q:\n%s", want, table)
		}
	}
	b.accessible("confirming")
	b.shoot("confirming-light")

	// Reload in the middle: the address holds the run, the run holds everything else.
	before := eval[string](b, `location.pathname + document.getElementById('transcript').innerText`)
	b.do(chromedp.Reload())
	b.wait("the interpretation after the reload", "document.querySelector('[data-kind=confirming] form')")
	if diff := cmp.Diff(before, eval[string](b, `location.pathname + document.getElementById('transcript').innerText`)); diff != "" {
		t.Errorf("the conversation is another after the reload (-before +after):\n%s", diff)
	}

	b.press("[data-answer=yes]")
	b.wait("the end", "document.querySelector('[data-kind=ended]')")
	want := []string{"Vous", "Collecteur", "Vous", "Collecteur", "Analyseur", "Constructeur", "Gestionnaire"}
	if diff := cmp.Diff(want, eval[[]string](b, speakers)); diff != "" {
		t.Errorf("who speaks (-want +got):\n%s", diff)
	}
	if got := eval[string](b, `document.querySelector('[data-kind=ended]').innerText`); !strings.Contains(got, "le manifeste est prouvé") {
		t.Errorf("the end does not say that the manifest is proven: %s", got)
	}
	if got := eval[string](b, `document.querySelector('details[data-path="main.tf"] code').textContent`); !strings.Contains(got, `"webserver"`) || !strings.Contains(got, "pmox03") {
		t.Errorf("main.tf on the page: %s", got)
	}
	if got := eval[string](b, `document.querySelector('[data-agent=analyser] table tr.is-chosen').innerText`); !strings.Contains(got, "pmox03") {
		t.Errorf("the chosen node on the page: %s", got)
	}
	if got := eval[int](b, `document.querySelectorAll('[data-agent=builder] tr.is-passed').length`); got != 11 {
		t.Errorf("stages of the proof shown as passed: got %d, want 11", got)
	}

	// Whoever comes back later sees the same, also when the events are no longer kept and only the run remembers.
	b.do(chromedp.Reload())
	b.wait("the end after the reload", "document.querySelector('[data-kind=ended]')")
	if diff := cmp.Diff(want, eval[[]string](b, speakers)); diff != "" {
		t.Errorf("who speaks after the reload (-want +got):\n%s", diff)
	}
	kinds := b.module("transcript.js", `(m) => Promise.all(['', '/manifest'].map((part) => fetch('/v1' + location.pathname + part).then((r) => r.json()))).then(
		([run, manifest]) => m.transcript(run, m.remembered(run), manifest).map((x) => x.agent + ' ' + (x.step || x.kind)))`)
	wantKinds := []string{"you said", "collector understand", "you said", "collector understand", "collector collect", "analyser analyse", "builder build", "builder manifest", "manager ended"}
	if diff := cmp.Diff(wantKinds, kinds); diff != "" {
		t.Errorf("the conversation without events (-want +got):\n%s", diff)
	}
	b.accessible("delivered")
	b.shoot("delivered-light")
	b.theme("dark")
	b.shoot("delivered-dark")
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %d px wide on a screen of 360", wide)
	}
	b.shoot("delivered-phone-dark")
	b.theme("light")
	b.accessible("phone")
	b.shoot("delivered-phone")

	if n := s.reports.Load(); n != 0 {
		t.Errorf("the browser reported %d violations of the page's policy", n)
	}
}

// TestQuestionCard answers what the collector asks, with an option and in free text, then asks for the same again.
func TestQuestionCard(t *testing.T) {
	s := serve(t, "PROVISO_PROOF=validated")
	b := s.open(t, "en")
	b.ask("create a vm webserver")
	b.wait("the question", "document.querySelector('[data-kind=clarifying] form')")
	b.accessible("question")
	b.shoot("question-light")

	// A lost connection is found again, and nothing that was said is said twice.
	s.cut()
	b.wait("the loss to be noticed", "!document.getElementById('offline').hidden")
	b.wait("the connection again", "document.getElementById('offline').hidden")
	if n := eval[int](b, "document.querySelectorAll('.message').length"); n != 3 {
		t.Errorf("after the connection was lost: got %d messages, want 3: request, step, question", n)
	}

	b.press("[data-kind=clarifying] form button")
	b.wait("what is missing", "document.querySelector('[data-kind=clarifying] .error').textContent")
	b.press("[data-kind=clarifying] .option input[value='100']")
	b.press("[data-kind=clarifying] form button")
	b.wait("the interpretation", "document.querySelector('[data-kind=confirming] form')")
	if n := eval[int](b, "document.querySelectorAll('[data-kind=clarifying] form').length"); n != 0 {
		t.Errorf("%d answered cards still take answers", n)
	}
	b.do(chromedp.SendKeys("[data-kind=confirming] input", "no, 4 cores\r"))
	b.wait("the correction", "document.querySelectorAll('[data-kind=confirming] tr.is-corrected').length > 0 && document.querySelector('[data-kind=confirming] form')")
	b.press("[data-answer=yes]")
	b.wait("the end", "document.querySelector('[data-kind=ended]')")

	b.ask("the same again with 2 more")
	b.wait("the interpretation of the second request", "document.querySelectorAll('.run').length === 2 && document.querySelector('.run:last-child [data-kind=confirming] form')")
	if got := eval[string](b, "document.querySelector('.run:last-child [data-kind=confirming] table').innerText"); !strings.Contains(got, "webserver") {
		t.Errorf("the second request does not speak of the first one's machine:\n%s", got)
	}
	b.accessible("second request")
	b.shoot("second-request")
	b.press("#cancel")
	b.wait("the end of the second request", "document.querySelector('.run:last-child [data-kind=ended]')")
	if n := s.reports.Load(); n != 0 {
		t.Errorf("the browser reported %d violations of the page's policy", n)
	}
}

// TestServerTextStaysText sends markup as a request: the page shows it and runs nothing of it.
func TestServerTextStaysText(t *testing.T) {
	s := serve(t, "PROVISO_PROOF=validated")
	b := s.open(t, "en")
	const hostile = `create a vm named <img src=x onerror="window.owned=1"><script>window.owned=1</script> from template 100`
	b.ask(hostile)
	b.wait("an answer", "document.querySelector('[data-kind=confirming], [data-kind=clarifying], [data-kind=ended]')")
	if got := eval[string](b, "document.querySelector('[data-kind=said]').innerText"); !strings.Contains(got, hostile) {
		t.Errorf("the request is not shown as it was written: %s", got)
	}
	// The same in every place where a server's text is shown.
	for _, kind := range b.module("view.js", everyKind) {
		t.Errorf("a message of kind %s lost text", kind)
	}
	if eval[bool](b, "window.owned === 1 || document.querySelector('#transcript script, #transcript img') !== null") {
		t.Error("markup of the request became part of the page")
	}
	if n := s.reports.Load(); n != 0 {
		t.Errorf("the browser reported %d violations of the page's policy", n)
	}

	// What would be a violation is refused and reported: the count above can be other than zero.
	if !eval[bool](b, `(() => { try { document.body.innerHTML += '<i>x</i>'; return false } catch { return true } })()`) {
		t.Error("text can become HTML on this page")
	}
	b.waitReports()
	b.mu.Lock()
	b.faults = nil // provoked
	b.mu.Unlock()
}

func (b *tab) waitReports() {
	b.t.Helper()
	for b.site.reports.Load() == 0 {
		b.wait("a report", "true")
		if b.ctx.Err() != nil {
			b.t.Fatal("no violation was reported")
		}
	}
}

// everyKind appends a message of each kind whose every text is markup, and returns the kinds that do not show it.
const everyKind = `(m) => {
	const x = '<img src=x onerror="window.owned=1"><script>window.owned=1<' + '/script>';
	const finding = {rule: x, severity: 'error', message: x, address: x, fix: x};
	const stages = [{name: x, status: 'failed', duration_ms: 1, summary: x, findings: [finding]}];
	const questions = [{id: 'q', kind: 'value', text: x, required: true, options: [{value: x, label: x}]}];
	const interpretation = [{path: x, label: x, value: x, origin: 'assumed', reason: x}];
	const placement = [{guest: x, node: x, reason: x, nodes: [{node: x, outcome: 'chosen', reason: x, load_percent: 1, memory_free_mib: 1}]}];
	const kinds = {
		said: {texts: [x]}, notices: {notices: [x]},
		step: {step: 'build', state: 'failed', lines: [x], stages, summary: x, problem: x, placement},
		clarifying: {questions, open: true}, confirming: {questions, interpretation, open: true},
		reply: {reply: {text: x, rows: [{label: x, value: x, reason: x}], commands: [x]}},
		manifest: {files: [{path: x + '.tf', content: 'a = "' + x + '" # ' + x, sha256: x}], notes: [x]},
		ended: {state: 'failed', reason: x},
	};
	const lost = [];
	for (const [kind, more] of Object.entries(kinds)) {
		const node = m.messageNode({key: 'x' + kind, agent: 'builder', kind, at: '2026-11-21T12:00:00Z', ...more}, {language: x});
		document.getElementById('transcript').append(node);
		if (!node.textContent.includes(x)) lost.push(kind);
	}
	return lost;
}`

// TestLogin lets a person in by a token of the gateway's token file, which stays in the tab and leaves with it.
func TestLogin(t *testing.T) {
	token := strings.Repeat("0123456789abcdef", 2)
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte("alice "+token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "PROVISO_PROOF=validated", "PROVISO_GATEWAY_TOKENS="+file)
	b := s.open(t, "fr")
	b.wait("the login", "!document.getElementById('login').hidden")
	b.accessible("login")
	b.shoot("login-light")

	b.do(chromedp.SendKeys("#token", "wrong\r"))
	b.wait("what is wrong", "document.getElementById('login-error').textContent")
	if !eval[bool](b, "document.getElementById('composer-bar').hidden") {
		t.Error("a wrong token opens the page")
	}
	b.do(chromedp.SendKeys("#token", token+"\r"))
	b.ask("Quel nœud a de la place pour 8 Go ?")
	b.wait("the answer", "document.querySelector('[data-kind=reply]') && document.querySelector('[data-kind=ended]')")
	if got := eval[string](b, "document.querySelector('[data-kind=reply]').innerText"); !strings.Contains(got, "pmox") {
		t.Errorf("the answer names no node: %s", got)
	}
	b.accessible("reply")
	b.shoot("reply-light")
	if where := eval[string](b, "JSON.stringify([{...localStorage}, document.cookie, location.href])"); strings.Contains(where, token) {
		t.Errorf("the token is kept where it outlives the tab, or shown: %s", where)
	}
	b.press("#logout")
	b.wait("the login again", "!document.getElementById('login').hidden && sessionStorage.getItem('proviso.token') === null")
	if text := eval[string](b, "document.getElementById('transcript').innerText"); text != "" {
		t.Errorf("the conversation is still there after logging out: %s", text)
	}
}
