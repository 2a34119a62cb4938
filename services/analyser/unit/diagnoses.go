package analyser

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/analyser/internal/strategy"
)

// cachedHistories is how many histories are kept decoded. They are read rarely and belong to many snapshots.
const cachedHistories = 4

// A diagnosis is an analysis with where it is stored. It is shared between runs and must not be changed.
type diagnosis struct {
	analysis  *provisov1.InfrastructureAnalysis
	reference *provisov1.Reference
	history   *pve.History // nil: none was read
	// index counts what is usable of storages, what the forecast expects of nodes, and devices.
	index *placement.Index
}

// diagnoses keeps the latest diagnoses by what they rest on: snapshot, history and the state of Kubernetes. One is made and stored once,
// however many runs rest on it; equal input gives equal bytes, so that two replicas store the same artefact.
type diagnoses struct {
	artifacts  *bus.Artifacts
	histories  *bus.Decoded[*pve.History]
	forecaster forecast.Forecaster
	hindsight  *hindsight
	metrics    *observe.Metrics
	now        func() time.Time // of durations; what is diagnosed goes by the snapshot's moment

	mu    sync.Mutex // held while one is made: those who ask for the same one would wait for it anyway
	cache *lru.Cache[string, *diagnosis]
}

func newDiagnoses(artifacts *bus.Artifacts, metrics *observe.Metrics, now func() time.Time) (*diagnoses, error) {
	histories, err := bus.NewDecoded(artifacts.Get, cachedHistories, pve.DecodeHistory)
	if err != nil {
		return nil, err
	}
	cache, err := lru.New[string, *diagnosis](cachedSnapshots)
	if err != nil {
		return nil, fmt.Errorf("make cache of diagnoses: %w", err)
	}
	forecaster, err := newKeeper(forecast.New())
	if err != nil {
		return nil, err
	}
	hindsight := newHindsight(forecast.New(), metrics)
	forecaster.seen = hindsight.note
	return &diagnoses{hindsight: hindsight, artifacts: artifacts, histories: histories, forecaster: forecaster, metrics: metrics, now: now, cache: cache}, nil
}

// of returns the diagnosis that a run rests on.
func (d *diagnoses) of(ctx context.Context, payload *provisov1.ContextPayload, c *cluster) (*diagnosis, error) {
	key, err := keyOf(payload)
	if err != nil {
		return nil, err
	}
	if known, ok := d.cache.Get(key); ok {
		return known, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if known, ok := d.cache.Get(key); ok {
		return known, nil
	}
	known, err := d.diagnose(ctx, payload, c)
	if err != nil {
		return nil, err
	}
	d.cache.Add(key, known)
	return known, nil
}

func (d *diagnoses) diagnose(ctx context.Context, payload *provisov1.ContextPayload, c *cluster) (*diagnosis, error) {
	in := capacity.Input{
		Snapshot: c.snapshot, Index: c.index, SnapshotRef: payload.GetInfrastructure().GetSnapshot(), Kubernetes: payload.GetKubernetes(),
		Forecaster: d.forecaster, Now: c.snapshot.TakenAt,
	}
	label := "none"
	if ref := payload.GetInfrastructure().GetHistory(); ref != nil {
		history, err := d.histories.Get(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("get history: %w", err)
		}
		in.History, in.HistoryRef, label = history, ref, "read"
	}
	began := d.now()
	known := &diagnosis{analysis: capacity.Analyse(in), history: in.History}
	known.index = placement.NewIndexWith(c.snapshot, c.policy, strategy.Options(c.snapshot, known.analysis))
	d.metrics.AnalysisDuration.WithLabelValues(label).Observe(d.now().Sub(began).Seconds())
	if err := wire.Validate(known.analysis); err != nil {
		// Not wrapped: the work was right, so it must not become a dead letter.
		return nil, errors.New("check own analysis: " + err.Error())
	}
	var err error
	if known.reference, err = bus.PutMessage(ctx, d.artifacts, known.analysis); err != nil {
		return nil, fmt.Errorf("store analysis: %w", err)
	}
	return known, nil
}

// keyOf names what a diagnosis rests on.
func keyOf(payload *provisov1.ContextPayload) (string, error) {
	key := payload.GetInfrastructure().GetSnapshot().GetDigest() + payload.GetInfrastructure().GetHistory().GetDigest()
	if k := payload.GetKubernetes(); k != nil {
		state, err := proto.MarshalOptions{Deterministic: true}.Marshal(k)
		if err != nil {
			return "", fmt.Errorf("encode state of Kubernetes: %w", err)
		}
		key += bus.Digest(state)
	}
	return key, nil
}
