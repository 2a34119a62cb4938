package analyser_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// TestContainers: on the twin of the laboratory, read by the real reader, containers and machines of many runs share one space
// of ids and names, and a second attempt is given what the first had.
//
// Shows: T-4.7.4-07
func TestContainers(t *testing.T) {
	const runs = 12
	b := newBench(t, 2)
	ask := func(run string, attempt int32) {
		p := b.payload(run)
		p.Intent.Containers = []*provisov1.Container{{
			Name: new("dns"), Count: proto.Int32(2), TemplateVolume: new("cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst"),
			Pool: new("infra"), Placement: &provisov1.Placement{Grouping: new("apart")},
		}}
		p.Intent.Pools = []*provisov1.Pool{{Name: "infra"}}
		b.send(p, attempt)
	}
	for i := range runs {
		ask(fmt.Sprintf("run-%d", i), 1)
	}
	holder, first := map[string]string{}, map[string][]string{}
	for _, r := range b.results(runs) {
		if refusal := r.GetAnalysed().GetRefusal(); refusal != nil {
			t.Fatal(refusal)
		}
		first[r.GetRunId()] = identities(b.plan(r))
		for _, id := range first[r.GetRunId()] {
			if other, twice := holder[id]; twice {
				t.Errorf("%s was given to %s and %s", id, other, r.GetRunId())
			}
			holder[id] = r.GetRunId()
		}
		if n := len(r.GetAnalysed().GetPlacement()); n != 3 {
			t.Errorf("the event tells where %d guests are; want 3", n)
		}
	}
	for i := range runs {
		ask(fmt.Sprintf("run-%d", i), 2)
	}
	for _, r := range b.results(2 * runs)[runs:] {
		if diff := cmp.Diff(first[r.GetRunId()], identities(b.plan(r))); diff != "" {
			t.Errorf("second attempt of %s (-first +second):\n%s", r.GetRunId(), diff)
		}
	}
}

// identities are the ids and names of a plan's guests.
func identities(p *provisov1.StrategicPlan) []string {
	var all []string
	for _, vm := range p.GetVirtualMachines() {
		all = append(all, fmt.Sprint(vm.GetVmId()), vm.GetName())
	}
	for _, ct := range p.GetContainers() {
		all = append(all, fmt.Sprint(ct.GetVmId()), ct.GetName())
	}
	return all
}
