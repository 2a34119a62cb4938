package facts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/facts"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// application says one of everything, and once what is not said.
func application() *provisov1.Application {
	at := reading.At("compose.yaml", 3, reading.Compose)
	return &provisov1.Application{
		Components: []*provisov1.Component{{
			Name: "web", Kind: "service", Evidence: []*provisov1.Evidence{at, reading.At("Dockerfile", 1, reading.Dockerfile)},
			Images:    []*provisov1.ImageFact{{Reference: "nginx:1.27", Role: "run", Evidence: at}},
			Ports:     []*provisov1.PortFact{{Number: 8080, Protocol: "tcp", Evidence: at}},
			Exposures: []*provisov1.ExposureFact{{Kind: "ingress", Port: 80, TargetPort: 8080, Host: "shop.example.org", Evidence: at}, {Kind: "host", TargetPort: 8080, Evidence: at}},
			Environment: []*provisov1.EnvironmentFact{
				{Name: "DB_PASSWORD", Secret: true, Evidence: at},
				{Name: "GREETING", Value: "good day", Evidence: at},
				{Name: "API_URL", From: "config web, key url", Evidence: at},
				{Name: "API_URL", Evidence: at},
			},
			Volumes:      []*provisov1.VolumeFact{{Path: "/data", Kind: "persistent", Name: "data", SizeBytes: 10 << 30, Evidence: at}, {Path: "/tmp", Kind: "temporary", Evidence: at}},
			Resources:    []*provisov1.ResourceFact{{Resource: "cpu", Bound: "request", Amount: 250, Evidence: at}},
			Replicas:     []*provisov1.ReplicaFact{{Count: 2, Most: 10, Evidence: at}, {Count: 3, Evidence: at}},
			Dependencies: []*provisov1.DependencyFact{{Name: "db", Component: true, Evidence: at}, {Name: "redis", Evidence: reading.From("go.mod", 7, reading.Package)}},
			Runtimes:     []*provisov1.RuntimeFact{{Name: "go", Version: "1.26", Evidence: at}},
			Health:       []*provisov1.HealthFact{{Kind: "readiness", Check: "GET /healthz on 8080", Evidence: at}},
		}, {Name: "bare"}},
		Resources: []*provisov1.DeclaredResource{{
			Address: "proxmox_virtual_environment_vm.web", Kind: "resource", Type: "proxmox_virtual_environment_vm", Evidence: reading.At("main.tf", 1, reading.Terraform),
			Guest: &provisov1.DeclaredGuest{Dialect: "bpg", Kind: "vm", Name: new("web 1"), Cores: proto.Int32(4), MemoryMib: proto.Int64(2048), Count: proto.Int32(0)},
		}},
	}
}

func TestLines(t *testing.T) {
	want := []string{
		"component bare -",
		"component web service",
		"depends web db component observed",
		"depends web redis external inferred",
		"env web API_URL -",
		"env web DB_PASSWORD secret",
		`env web GREETING "good day"`,
		"expose web host -->8080 -",
		"expose web ingress 80->8080 shop.example.org",
		`guest proxmox_virtual_environment_vm.web bpg vm "name=web 1" cores=4 memory=2048 count=0`,
		`health web readiness "GET /healthz on 8080"`,
		"image web run nginx:1.27",
		"port web 8080/tcp",
		"replicas web 2..10",
		"replicas web 3",
		"resource web cpu request 250",
		"resource-code proxmox_virtual_environment_vm.web resource proxmox_virtual_environment_vm -",
		"runtime web go 1.26 -",
		"volume web /data persistent data 10737418240",
		"volume web /tmp temporary - -",
	}
	if diff := cmp.Diff(want, facts.Lines(application())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLinesWithEvidence(t *testing.T) {
	got := facts.LinesWithEvidence(application())
	for _, want := range []string{"component web service @ compose.yaml:3", "depends web redis external inferred @ go.mod:7", "component bare - @ -:0"} {
		found := false
		for _, line := range got {
			found = found || line == want
		}
		if !found {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
}
