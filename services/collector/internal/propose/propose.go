// Package propose asks a language model what a request means.
//
// It owns the prompt, in versioned files, and what of the cluster a model is told: names in closed lists, capped, nothing
// else. It does not judge the proposal (package understand does, like everybody's words) and does not own the policy of
// asking (package llm does).
package propose

import (
	"context"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/prompt"
	"proviso.dev/pkg/pve"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Version of the prompt; a changed text is a new file and a new version, with new evaluation figures.
const Version = "intent/1"

//go:embed prompts/intent-1.txt
var rules string

// What a prompt may hold of each part, in bytes, and of each list, in names.
const (
	requestMost = 6 << 10
	listMost    = 1200
	namesMost   = 40
)

// Proposer asks the models of a client. It is safe for concurrent use.
type Proposer struct {
	client *llm.Client
	schema *llm.Schema
	system string
}

// New returns a proposer that knows these roles.
func New(c *llm.Client, roles []string) (*Proposer, error) {
	schema, err := llm.SchemaOf(&llmv1.IntentProposal{})
	if err != nil {
		return nil, fmt.Errorf("schema of a proposal: %w", err)
	}
	return &Proposer{client: c, schema: schema, system: strings.ReplaceAll(rules, "{roles}", strings.Join(roles, ", "))}, nil
}

// Propose returns what a model makes of a request in words, and its name. Use is the run's, brought up to date. The error is
// one of [llm.Ask].
func (p *Proposer) Propose(ctx context.Context, run, text string, s *pve.Snapshot, use *provisov1.ModelUse) (*llmv1.IntentProposal, string, error) {
	return llm.Ask[*llmv1.IntentProposal](ctx, p.client, p.question(run, text, s), use, nil)
}

// question writes the prompt: what never changes, then the cluster, then the request.
func (p *Proposer) question(run, text string, s *pve.Snapshot) llm.Question {
	var parts []string
	for _, l := range lists(s) {
		parts = append(parts, prompt.Data(l.id, "cluster", strings.Join(l.names, "\n"), listMost))
	}
	parts = append(parts, prompt.Data("request", "requester", text, requestMost))
	return llm.Question{Run: run, Version: Version, System: p.system, User: strings.Join(parts, "\n"), Schema: p.schema}
}

// list is what a cluster has of one kind, by name.
type list struct {
	id    string
	names []string
}

// lists are the only words of a cluster that a model sees: names that the request may mean. Descriptions, tags, notes and
// addresses are not among them.
func lists(s *pve.Snapshot) []list {
	if s == nil {
		return nil
	}
	templates, nodes, networks, storages := list{id: "sources"}, list{id: "nodes"}, list{id: "networks"}, list{id: "storages"}
	for _, g := range s.Guests {
		if g.Template && g.Kind == pve.KindVM {
			templates.add(g.Name)
		}
	}
	for _, v := range s.Volumes {
		if (v.Content == "import" || v.Content == "iso") && nameLike(path.Base(v.ID)) {
			templates.add(v.ID)
		}
	}
	for _, n := range s.Nodes {
		nodes.add(n.Name)
	}
	for _, v := range s.VNets {
		networks.add(v.Name)
	}
	for _, b := range s.Bridges {
		networks.add(b.Name)
	}
	for _, st := range s.Storages {
		if st.Holds("images") {
			storages.add(st.Name)
		}
	}
	return []list{templates, nodes, networks, storages}
}

func (l *list) add(name string) {
	if len(l.names) < namesMost && nameLike(name) && !slices.Contains(l.names, name) {
		l.names = append(l.names, name)
	}
}

// nameLike reports whether a text is a name and cannot be a sentence: one word, of few parts.
func nameLike(s string) bool {
	if s == "" || len(s) > 128 || strings.Count(s, "-")+strings.Count(s, "_")+strings.Count(s, ".") > 8 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:/+", c) >= 0) {
			return false
		}
	}
	return strconv.CanBackquote(s)
}
