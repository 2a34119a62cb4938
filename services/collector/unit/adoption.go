package collector

import (
	"context"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A configReader reads the whole configuration of single guests, which a plain snapshot leaves out. A source of snapshots
// that is none leaves them out always; the analyser then says that they could not be read.
type configReader interface {
	WithConfigs(ctx context.Context, s *pve.Snapshot, vmids []int) (*pve.Snapshot, error)
}

var (
	_ configReader = (*pve.Reader)(nil)
	_ configReader = (*pve.Follower)(nil)
	_ configReader = adapter{}
)

// WithConfigs asks what the adapter reads with, if that can be asked.
func (a adapter) WithConfigs(ctx context.Context, s *pve.Snapshot, vmids []int) (*pve.Snapshot, error) {
	reader, ok := a.Snapshots.(configReader)
	if !ok {
		return s, nil
	}
	with, err := reader.WithConfigs(ctx, s, vmids)
	if err != nil {
		return nil, err
	}
	return withoutSecrets(with), nil
}

// withConfigs returns the state with the configuration of the guests that the intent changes or imports. The state that
// other runs share stays as it is.
func withConfigs(ctx context.Context, source Snapshots, s *state, intent *provisov1.ProvisionIntent) (*state, error) {
	vmids := named(s.snapshot, intent)
	reader, ok := source.(configReader)
	if len(vmids) == 0 || !ok {
		return s, nil
	}
	snapshot, err := reader.WithConfigs(ctx, s.snapshot, vmids)
	if err != nil {
		return nil, err
	}
	return &state{snapshot: snapshot, began: s.began, took: s.took}, nil
}

// named lists the guests that an intent changes or imports, as far as the snapshot has them.
func named(s *pve.Snapshot, intent *provisov1.ProvisionIntent) []int {
	type reference interface {
		GetVmId() int32
		GetName() string
	}
	var references []reference
	for _, c := range intent.GetChanges() {
		references = append(references, c)
	}
	for _, i := range intent.GetImports() {
		references = append(references, i)
	}
	var vmids []int
	for _, r := range references {
		for _, g := range s.Guests {
			if !g.Template && (g.VMID == int(r.GetVmId()) || r.GetName() != "" && strings.EqualFold(g.Name, r.GetName())) {
				vmids = append(vmids, g.VMID)
			}
		}
	}
	return vmids
}
