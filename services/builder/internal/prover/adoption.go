package prover

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/lines"
	"proviso.dev/services/builder/internal/review"
)

// An adoptee is a guest that exists, virtual machine or container, as the plan has it afterwards.
type adoptee interface {
	GetVmId() int32
	GetNode() string
	GetName() string
	GetConfig() map[string]string
	GetPool() string
	GetRunning() bool
}

func adopteeOf(p *provisov1.PlannedAdoption) (g adoptee, kind pve.GuestKind) {
	if c := p.GetContainer(); c != nil {
		return c, pve.KindContainer
	}
	return p.GetVirtualMachine(), pve.KindVM
}

// wanted is what a plan of the manifest has to show: each guest that exists is imported, those with differences are changed
// in place, and nothing is removed.
func (r *run) wanted() counts {
	c := counts{Add: r.Resources, Import: len(r.Plan.GetAdoptions())}
	for _, p := range r.Plan.GetAdoptions() {
		if len(p.GetDifferences()) > 0 {
			c.Change++
		}
	}
	return c
}

// configuration asks the twin for a guest's configuration, as the guest's next start would see it.
func (r *run) configuration(ctx context.Context, g adoptee, kind pve.GuestKind) (map[string]string, error) {
	q := httptest.NewRequestWithContext(ctx, http.MethodGet,
		fmt.Sprintf("/api2/json/nodes/%s/%s/%d/config", url.PathEscape(g.GetNode()), kind, g.GetVmId()), http.NoBody)
	q.Header.Set("Authorization", "PVEAPIToken="+r.token)
	w := httptest.NewRecorder()
	r.cluster.Handler().ServeHTTP(w, q)
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("read configuration of %d on the twin: %s", g.GetVmId(), w.Body)
	}
	var answer struct {
		Data map[string]any `json:"data"`
	}
	decoder := json.NewDecoder(w.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return nil, fmt.Errorf("decode configuration of %d: %w", g.GetVmId(), err)
	}
	config := make(map[string]string, len(answer.Data))
	for key, value := range answer.Data {
		if key != "digest" {
			config[key] = fmt.Sprint(value)
		}
	}
	return config, nil
}

// configurations reads those of all adopted guests.
func (r *run) configurations(ctx context.Context) ([]map[string]string, error) {
	var all []map[string]string
	for _, p := range r.Plan.GetAdoptions() {
		g, kind := adopteeOf(p)
		config, err := r.configuration(ctx, g, kind)
		if err != nil {
			return nil, err
		}
		all = append(all, config)
	}
	return all, nil
}

// compareAdopted holds the guests that exist against the plan: each has the values of the plan, keeps its volumes and what
// the manifest leaves out, and nothing else in the cluster changed.
func (r *run) compareAdopted(ctx context.Context, state twinState) ([]review.Finding, error) {
	after, err := r.configurations(ctx)
	if err != nil {
		return nil, err
	}
	var out []review.Finding
	for i, p := range r.Plan.GetAdoptions() {
		g, kind := adopteeOf(p)
		is := func(field string, want, got any) {
			if want != got {
				out = append(out, finding("apply.differs", "", "guest", g.GetName(), "field", field, "want", fmt.Sprint(want), "got", fmt.Sprint(got)))
			}
		}
		on, ok := state.Guests[fmt.Sprintf("%s/%d", kind, g.GetVmId())]
		if !ok {
			out = append(out, finding("intent.missing", "", "what", "virtual machine", "name", g.GetName()))
			continue
		}
		is("node", g.GetNode(), on.Node)
		is("running", g.GetRunning(), on.Running)
		is("pool", g.GetPool(), on.Pool)
		read := lines.VM
		if kind == pve.KindContainer {
			read = lines.Container
		}
		want, got := read(g.GetConfig()), read(after[i])
		for _, name := range lines.Differences(want, got) {
			is(name, want[name], got[name])
		}
		r.keeps(is, g.GetConfig(), r.adopted[i], after[i], kind)
	}
	if r.Resources == 0 {
		elsewhere, err := r.elsewhere()
		if err != nil {
			return nil, err
		}
		out = append(out, elsewhere...)
	}
	return out, nil
}

// keeps compares volumes, and lines and options that the manifest leaves out, with what they were.
func (r *run) keeps(is func(field string, want, got any), config, before, after map[string]string, kind pve.GuestKind) {
	bare := map[pve.GuestKind]string{pve.KindVM: "file", pve.KindContainer: "volume"}[kind]
	for key, line := range before {
		if lines.IsDisk(key, line) || key == "rootfs" || key == "efidisk0" || key == "tpmstate0" {
			is(key+".volume", pve.ParseProperty(line, bare).Get(bare), pve.ParseProperty(after[key], bare).Get(bare))
		}
	}
	left := lines.LeftOut(config)
	if kind == pve.KindContainer {
		left = lines.LeftOutOfContainer(config)
	}
	for _, l := range left {
		was, now := before[l.Key], after[l.Key]
		if l.Option != "" {
			was, now = pve.ParseProperty(was, "").Get(l.Option), pve.ParseProperty(now, "").Get(l.Option)
		}
		is(strings.TrimSuffix(l.Key+"."+l.Option, "."), was, now)
	}
}

// elsewhere reports what changed in the cluster besides the guests that were adopted and their volumes.
func (r *run) elsewhere() ([]review.Finding, error) {
	before, err := r.without(r.before)
	if err != nil {
		return nil, err
	}
	after, err := r.without(r.cluster.Dump())
	if err != nil {
		return nil, err
	}
	if bytes.Equal(before, after) {
		return nil, nil
	}
	return []review.Finding{finding("apply.elsewhere", "", "detail", firstDifference(before, after))}, nil
}

// without is a dump without the guests of the plan that exist, their volumes, and the space that those take.
func (r *run) without(dump []byte) ([]byte, error) {
	var state map[string]any
	if err := json.Unmarshal(dump, &state); err != nil {
		return nil, fmt.Errorf("decode dump of the twin: %w", err)
	}
	guests, _ := state["guests"].(map[string]any)
	for _, p := range r.Plan.GetAdoptions() {
		g, kind := adopteeOf(p)
		delete(guests, fmt.Sprintf("%s/%d", kind, g.GetVmId()))
		if volumes, ok := state["volumes"].([]any); ok {
			state["volumes"] = slices.DeleteFunc(volumes, func(v any) bool {
				return strings.Contains(fmt.Sprint(v), fmt.Sprintf("vm-%d-", g.GetVmId()))
			})
		}
	}
	storages, _ := state["storages"].(map[string]any)
	for _, s := range storages {
		if row, ok := s.(map[string]any); ok {
			delete(row, "allocated")
		}
	}
	out, err := json.MarshalIndent(state, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode dump of the twin: %w", err)
	}
	return out, nil
}

// destroyNew destroys what the manifest created and nothing that was there before. With adopted guests alone there is
// nothing to destroy, and the stage says so.
func (r *run) destroyNew(ctx context.Context) (result, error) {
	if r.Resources == 0 {
		return result{text: review.Text{Key: "builder.stage.kept", Args: []any{"count", len(r.Plan.GetAdoptions())}}, skipped: true}, nil
	}
	targets, err := r.created(ctx)
	if err != nil {
		return result{}, err
	}
	args := []string{"destroy", "-json", "-no-color", "-input=false", "-lock=false", "-auto-approve"}
	for _, t := range targets {
		args = append(args, "-target="+t)
	}
	out, err := r.box.run(ctx, args...)
	if err != nil {
		return result{}, err
	}
	rep := read(out)
	findings := failures("destroy.failed", rep.errors)
	if len(findings) == 0 {
		left, err := r.elsewhere()
		if err != nil {
			return result{}, err
		}
		for i := range left {
			left[i].Rule = "destroy.left_over"
		}
		findings = append(findings, left...)
	}
	return result{text: review.Text{Key: "builder.stage.destroyed_new", Args: append(rep.args(), "count", len(r.Plan.GetAdoptions()))}, findings: findings}, nil
}

// created lists the addresses in the state that are no adopted guests.
func (r *run) created(ctx context.Context) ([]string, error) {
	out, err := r.box.run(ctx, "show", "-json", "-no-color")
	if err != nil {
		return nil, err
	}
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Address string         `json:"address"`
					Values  map[string]any `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(out.stdout, &state); err != nil {
		return nil, fmt.Errorf("decode state: %w", err)
	}
	var addresses []string
	for _, res := range state.Values.Root.Resources {
		kept := slices.ContainsFunc(r.Plan.GetAdoptions(), func(p *provisov1.PlannedAdoption) bool {
			g, _ := adopteeOf(p)
			return fmt.Sprint(res.Values["id"]) == fmt.Sprint(g.GetVmId())
		})
		if !kept {
			addresses = append(addresses, res.Address)
		}
	}
	return addresses, nil
}
