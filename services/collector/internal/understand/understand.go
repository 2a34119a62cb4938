package understand

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// textMost is the longest request in bytes; it is the contract's bound for StartRun.
const textMost = 16384

// Request is everything that an understanding depends on, beside the snapshot.
type Request struct {
	// ID becomes the id of the intent.
	ID string
	// Text is the request in words. Untrusted.
	Text string
	// Intent is a typed request; set when there is no Text.
	Intent *provisov1.ProvisionIntent
	// Turns is the dialogue so far, in order.
	Turns []Turn
	// Language asked for, "en" or "fr"; empty: the language of the text.
	Language string
	// Cluster is the configured name of the cluster; empty: the only one.
	Cluster string
	// Memory is what is remembered of the requester's earlier runs; nil: nothing.
	Memory *provisov1.SessionMemory
	// Proposal is what a language model makes of the request; nil: none was asked. Untrusted.
	Proposal *llmv1.IntentProposal
	// ModelName is who proposed it, as shown to the requester.
	ModelName string
	// Aside are the passages of Text that are data and no request; nothing is taken from them.
	Aside []Aside
	// AsideTags are tags of guests that no other guest is to take over.
	AsideTags []string
	// Kubernetes: a Kubernetes cluster is known, so that workloads can be planned.
	Kubernetes bool
	// History is what was measured of what [Reasoner.Wants] named; nil: nothing was read.
	History *pve.History
	// Clusters are the snapshots of all clusters, where a question compares them; Unread names those that could not be read.
	Clusters []*pve.Snapshot
	Unread   []string
}

// Platforms tells which platforms can be served. "proxmox" is one of them.
type Platforms interface {
	// Supported reports whether the platform has an adapter.
	Supported(platform string) bool
	// Title returns the name of a platform for people.
	Title(platform string) string
	// Titles returns the names of the supported platforms, for people.
	Titles() []string
}

// Reasoner understands requests by rules. It keeps nothing between requests but the index of the last snapshot, so equal
// input gives equal output. It is safe for concurrent use.
type Reasoner struct {
	platforms Platforms
	policy    placement.Policy
	last      atomic.Pointer[index]
}

// New returns a Reasoner that serves these platforms under the default policy.
func New(p Platforms) *Reasoner { return NewUnder(p, placement.Policy{}) }

// NewUnder returns a Reasoner that counts what nodes have free by an operator's policy.
func NewUnder(p Platforms, policy placement.Policy) *Reasoner {
	return &Reasoner{platforms: p, policy: policy}
}

// index returns the index of a snapshot. Snapshots are immutable, so their address tells them apart. A copy with configurations belongs
// to one request: it neither needs an index of its own nor takes the place of the one that all share.
func (r *Reasoner) index(s *pve.Snapshot) *index {
	if x := r.last.Load(); x != nil && x.snap == s {
		return x
	} else if x != nil && x.covers(s) {
		return x.view(s, nil)
	}
	x := newIndex(s)
	x.policy = r.policy
	r.last.Store(x)
	return x
}

// Language returns the language in which a request is answered.
func Language(req Request) string {
	switch {
	case req.Language == i18n.French || req.Language == i18n.English:
		return req.Language
	case req.Intent.GetLanguage() != "":
		return req.Intent.GetLanguage()
	}
	return i18n.Detect(req.Text[:min(len(req.Text), textMost)])
}

// understand is [Reasoner.Understand] for a request of which nothing is set aside.
func (r *Reasoner) understand(req Request, snap *pve.Snapshot) *provisov1.Understanding {
	lang := Language(req)
	x := r.index(snap)
	if len(req.AsideTags) > 0 {
		x = x.view(snap, req.AsideTags)
	}
	d := &dialogue{x: x, lang: lang, supported: r.platforms.Supported, memory: newMemory(req.Memory)}
	var decided route
	if req.Intent != nil && strings.TrimSpace(req.Text) == "" {
		decided = r.typed(req.Intent)
		if len(req.Intent.GetRepositories()) > 0 && decided.code == "" {
			return r.typedWithRepositories(req, x, lang)
		}
		if t, ok := typedTask(req.Intent); ok && decided.code == "" && len(req.Intent.GetVirtualMachines())+len(req.Intent.GetContainers())+len(req.Intent.GetPools()) == 0 {
			return r.answerExisting(t, req, x, lang)
		}
		if decided.code == "" {
			d.in = typed(req.Intent)
		}
	} else {
		if code, n := unreadable(req.Text); code != "" {
			return r.refusal(lang, route{kind: kindProvision, code: code}, n)
		}
		if out, ok := r.repository(req, x, lang); ok {
			return out
		}
		p := parse(req.Text, x)
		decided = decide(p, r.platforms.Supported).topic(req.Text, p, x)
		if p.vague() && decided.mayBeVague() && readExisting(req.Text, x).vagueWish(p) {
			decided = route{kind: kindProvision, vague: true}
		} else if t, ok := existing(req.Text, p, decided, x); ok {
			return r.answerExisting(t, req, x, lang)
		}
		if again, ok := r.requestTurn(req, x); ok {
			return r.understand(again, snap)
		}
		if decided.code == "" && !decided.vague {
			d.assembled(assemble(req.Text, p.items, Stated))
		}
		if req.Proposal != nil {
			decided = d.propose(req.Proposal, req.ModelName, req.Text, decided)
		}
	}
	if decided.code == "workload_unsupported" {
		return r.workload(req, lang, x, Stated)
	}
	if decided.code != "" {
		return r.refusal(lang, decided, 0)
	}
	if len(req.Turns) > turnsMost {
		return r.refusal(lang, route{kind: kindProvision, code: "dialogue_too_long", enough: true}, turnsMost)
	}
	for i, t := range req.Turns {
		if d.in == nil && t.QuestionID == "request" && len(readRepositories(t.Text, Answered).list) > 0 {
			if out, ok := r.repository(Request{ID: req.ID, Text: t.Text, Language: lang, Cluster: req.Cluster}, x, lang); ok {
				return out
			}
		}
		if d.turn(t); d.refused != nil && d.refused.code == "workload_unsupported" && d.refused.text != "" {
			return r.workload(Request{ID: req.ID, Text: d.refused.text, Cluster: req.Cluster, Kubernetes: req.Kubernetes, Turns: req.Turns[i+1:]}, lang, x, Answered)
		}
		if d.in == nil && d.refused == nil && req.Proposal != nil && t.QuestionID == "request" {
			d.propose(req.Proposal, req.ModelName, t.Text, route{kind: kindProvision})
		}
		if d.refused != nil {
			return r.refusal(lang, *d.refused, 0)
		}
	}
	if d.in.nothing() {
		return r.vague(lang, d)
	}
	gd := ground(d.in, x, lang)
	if len(d.readings) > 0 {
		gd.questions = append([]question{{group: -1, field: "request", text: say(lang, "ask.readings"), options: d.readings, required: true}}, gd.questions...)
	}
	out := &provisov1.Understanding{
		Language: lang, Kind: kindProvision,
		Intent:         convert(gd, req.ID, lang, req.Cluster, goalOf(req)),
		Interpretation: interpretation(gd, lang),
		Questions:      questions(gd.questions),
		Checks:         r.checks(lang, route{kind: kindProvision, enough: true}),
	}
	if in := out.GetIntent(); len(in.GetVirtualMachines())+len(in.GetContainers())+len(in.GetPools()) == 0 {
		out.Intent, out.Interpretation = nil, nil // only a pool whose name is asked
	}
	if d.confirmation != "" {
		out.Confirmation = &d.confirmation
	}
	if t, ok := typedTask(req.Intent); ok && strings.TrimSpace(req.Text) == "" {
		return join(out, r.answerExisting(t, req, x, lang))
	}
	return out
}

// typed routes a typed intent: it names its platform, and what it asks for.
func (r *Reasoner) typed(m *provisov1.ProvisionIntent) route {
	out := route{kind: kindProvision, enough: true}
	switch {
	case !r.platforms.Supported(m.GetTarget().GetPlatform()):
		out.platform, out.code = m.GetTarget().GetPlatform(), "platform_unsupported"
	case len(m.GetWorkloads()) > 0 && len(m.GetRepositories()) == 0:
		out.code = "workload_unsupported"
	}
	return out
}

func goalOf(req Request) string {
	if strings.TrimSpace(req.Text) == "" {
		return req.Intent.GetGoal()
	}
	return req.Text
}

// unreadable reports why a text cannot be read at all, and the figure that belongs to the reason.
func unreadable(text string) (code string, n int) {
	switch {
	case len(text) > textMost:
		return "too_long", textMost / 1024
	case !utf8.ValidString(text):
		return "unreadable_request", 0
	case strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || concealed(r) }) == "":
		return "empty_request", 0
	}
	control, total := 0, 0
	for _, r := range text {
		total++
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			control++
		}
		if r == 0 {
			return "unreadable_request", 0
		}
	}
	if control*10 > total {
		return "unreadable_request", 0
	}
	return "", 0
}

// vague asks what is to be created.
func (r *Reasoner) vague(lang string, d *dialogue) *provisov1.Understanding {
	q := question{group: -1, field: "request", text: say(lang, "ask.request"), required: true}
	if d.lost {
		q.text = say(lang, "ask.request_again")
	}
	for _, s := range d.unclear {
		q.text = say(lang, "ask.request_which")
		q.options = append(q.options, option{s, s})
	}
	for _, key := range []string{"example.web", "example.three", "example.image"} {
		q.options = append(q.options, option{say(lang, key), say(lang, key)})
	}
	out := &provisov1.Understanding{Language: lang, Kind: kindProvision, Questions: questions([]question{q}),
		Checks: r.checks(lang, route{kind: kindProvision})}
	if d.confirmation != "" {
		out.Confirmation = &d.confirmation
	}
	return out
}

// refusal refuses a request with one sentence that says what works instead.
func (r *Reasoner) refusal(lang string, d route, n int) *provisov1.Understanding {
	message := say(lang, "refusal."+d.code, "n", n, "platform", r.platforms.Title(d.platform), "supported", listText(lang, r.platforms.Titles()))
	return &provisov1.Understanding{Language: lang, Kind: d.kind, Refusal: &provisov1.Refusal{Code: d.code, Message: message}, Checks: r.checks(lang, d)}
}

// checks reports the two checks, each by itself.
func (r *Reasoner) checks(lang string, d route) []*provisov1.Check {
	input := &provisov1.Check{Name: "input", Outcome: "valid", Reason: say(lang, "check.input_valid")}
	if !d.enough {
		input.Outcome, input.Reason = "invalid", say(lang, "check.input_invalid")
	}
	platform := &provisov1.Check{Name: "platform", Outcome: "valid", Reason: say(lang, "check.platform_valid", "supported", listText(lang, r.platforms.Titles()))}
	if d.platform != "" {
		platform.Outcome = "invalid"
		platform.Reason = say(lang, "check.platform_invalid", "platform", r.platforms.Title(d.platform), "supported", listText(lang, r.platforms.Titles()))
	}
	return []*provisov1.Check{input, platform}
}

// questions writes questions in the wire's terms.
func questions(qs []question) []*provisov1.Clarification {
	var out []*provisov1.Clarification
	for _, q := range qs {
		c := &provisov1.Clarification{Id: q.id(), Kind: "value", Text: q.text, Required: q.required}
		for _, o := range q.options {
			if o.value != "" && len(o.value) <= 256 {
				c.Options = append(c.Options, &provisov1.Option{Value: o.value, Label: clip(o.label, 500)})
			}
		}
		out = append(out, c)
	}
	return out
}
