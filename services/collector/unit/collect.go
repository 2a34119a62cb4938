package collector

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/understand"
	"proviso.dev/services/collector/internal/wording"
)

// collect does the step of that name: it puts the context payload together.
func (w *worker) collect(ctx context.Context, work agent.Work) (*provisov1.StepSucceeded, error) {
	m, err := wire.Decode[*provisov1.CollectWork](work.Data, wire.OwnServices)
	if err != nil {
		return nil, fmt.Errorf("decode work: %w", err)
	}
	lang := m.GetIntent().GetLanguage()
	target := m.GetIntent().GetTarget().GetPlatform()
	cluster := w.cluster(m.GetIntent().GetTarget())
	if cluster == nil && w.registry.Supported(target) {
		return nil, &agent.Failure{Code: "cluster_unknown", Message: i18n.T(lang, "collector.refusal.cluster_unknown",
			"name", m.GetIntent().GetTarget().GetCluster(), "known", strings.Join(w.names(nil), ", "))}
	}
	if cluster == nil {
		return nil, &agent.Failure{Code: "platform_unsupported", Message: i18n.T(lang, "collector.refusal.platform_unsupported",
			"platform", w.registry.Title(target), "supported", strings.Join(w.registry.Titles(), ", "))}
	}
	s, err := cluster.get(ctx)
	if err == nil {
		s, err = withConfigs(ctx, cluster.source, s, m.GetIntent())
	}
	if err != nil {
		return nil, failure(lang, err)
	}
	more, err := w.gather(ctx, lang, m.GetIntent())
	if err != nil {
		return nil, err
	}
	ref, err := s.reference(ctx, w.put)
	if err != nil {
		return nil, err
	}
	payload := w.payload(m, cluster, s, ref, more)
	if payload.Infrastructure.History, err = w.history(ctx, cluster, s.snapshot, m.GetIntent()); err != nil {
		return nil, err
	}
	if err := wire.Validate(payload); err != nil {
		// Not wrapped: the work was right, so it must not become a dead letter.
		return nil, errors.New("check own payload: " + err.Error())
	}
	data, err := wire.Encode(payload)
	if err != nil {
		return nil, fmt.Errorf("encode payload: %w", err)
	}
	out, err := w.put(ctx, bus.MediaType(wire.TypeName(payload)), data)
	if err != nil {
		return nil, fmt.Errorf("store payload: %w", err)
	}
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Collected{Collected: &provisov1.Collected{
		Context: out, SnapshotTakenAt: timestamppb.New(s.snapshot.TakenAt), SnapshotAgeMs: payload.GetInfrastructure().GetAgeMs(),
		Summary: summary(lang, s.snapshot, more.applications), Unknown: unknownsOf(lang, s.snapshot, more), Suspicions: more.suspicions,
	}}}, nil
}

// schemaVersion is the version of the context payload's schema. 1.0 had neither applications, nor Kubernetes, nor the time of each part of the snapshot.
const schemaVersion = "1.1"

// unknownsOf is what a run repeats of what is not known.
func unknownsOf(lang string, s *pve.Snapshot, more *further) []string {
	list := append(more.unknown, unknowns(lang, s.Unknown)...)
	return list[:min(len(list), runUnknownMost)]
}

// The bounds of the contract on lists of the payload.
const (
	transcriptMost = 128
	unknownMost    = 256
	sectionsMost   = 64
)

// payload merges what is known into one document.
func (w *worker) payload(m *provisov1.CollectWork, c *cluster, s *state, ref *provisov1.Reference, more *further) *provisov1.ContextPayload {
	transcript := m.GetTranscript()
	if len(transcript) > transcriptMost { // the request itself, and the latest turns
		transcript = append(transcript[:1:1], transcript[len(transcript)-transcriptMost+1:]...)
	}
	heard := source("transcript", "used", "the words of the request and the dialogue, as typed: untrusted, kept for what the intent does not hold", 0)
	if len(transcript) == 0 {
		heard = source("transcript", "not_needed", "the request was a typed intent", 0)
	}
	extracts, consulted := w.document(m.GetIntent(), s.snapshot)
	cluster := source("cluster", "used", fmt.Sprintf("API, GET only: the present state decides what is possible; read again when older than %s", w.cfg.MaxAge), s.took)
	cluster.AskedAt, cluster.Object = timestamppb.New(s.began), c.name
	p := &provisov1.ContextPayload{
		SchemaVersion: schemaVersion,
		RunId:         m.GetItem().GetRunId(), Language: m.GetIntent().GetLanguage(), CreatedAt: timestamppb.New(w.now()),
		Intent:   m.GetIntent(),
		Platform: &provisov1.Platform{Name: c.row.Name, Cluster: c.name, Version: s.snapshot.Version, Adapter: c.row.Adapter.Name(), Twin: w.cfg.Twin},
		Infrastructure: &provisov1.Infrastructure{Snapshot: ref, TakenAt: timestamppb.New(s.snapshot.TakenAt), Unknown: unknown(s.snapshot),
			Sections: sections(s.snapshot), AgeMs: max(w.now().Sub(s.snapshot.TakenAt).Milliseconds(), 0)},
		Applications:  more.applications,
		Kubernetes:    more.kubernetes,
		Transcript:    transcript,
		Documentation: extracts,
		Sources:       append([]*provisov1.InformationSource{cluster, consulted, heard}, more.sources...),
	}
	return p
}

func source(name, outcome, method string, took time.Duration) *provisov1.InformationSource {
	return &provisov1.InformationSource{Name: name, Outcome: outcome, Method: method, DurationMs: int32(took.Milliseconds())}
}

// sections say when each part of the snapshot was read: parts that change rarely are older than the rest.
func sections(s *pve.Snapshot) []*provisov1.SectionReading {
	var out []*provisov1.SectionReading
	for _, part := range s.Sections {
		out = append(out, &provisov1.SectionReading{Name: part.Name, TakenAt: timestamppb.New(part.ReadAt), Count: int32(min(part.Count, math.MaxInt32)), Complete: part.Complete})
	}
	return out[:min(len(out), sectionsMost)]
}

// unknown lists what could not be read, with the reason.
func unknown(s *pve.Snapshot) []string {
	var list []string
	for _, u := range s.Unknown {
		if len(list) == unknownMost {
			break
		}
		list = append(list, u.What+": "+u.Reason)
	}
	return list
}

// summary is one sentence on what was read.
func summary(lang string, s *pve.Snapshot, applications []*provisov1.Application) string {
	online, templates := 0, 0
	for _, n := range s.Nodes {
		if n.Online() {
			online++
		}
	}
	for _, g := range s.Guests {
		if g.Template {
			templates++
		}
	}
	said := []string{i18n.T(lang, "collector.collected", "nodes", understand.Count(lang, "node", len(s.Nodes)), "online", online,
		"guests", understand.Count(lang, "guest", len(s.Guests)-templates), "templates", understand.Count(lang, "template", templates))}
	if n := len(s.Unknown); n > 0 {
		said = append(said, i18n.T(lang, "collector.collected_unknown", "things", understand.Count(lang, "thing", n)))
	}
	for _, a := range applications {
		said = append(said, i18n.T(lang, "collector.collected_application", "name", wording.Quote(a.GetName()), "components", understand.Count(lang, "component", len(a.GetComponents()))))
	}
	return strings.Join(said, " ")
}
