package appfacts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/appfacts"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// application says one of everything, and once what is not said.
func application() *provisov1.Application {
	at := seen("compose.yaml", 3, "compose")
	return &provisov1.Application{
		Components: []*provisov1.Component{{
			Name: "web", Kind: "service", Evidence: []*provisov1.Evidence{at, seen("Dockerfile", 1, "dockerfile")},
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
			Dependencies: []*provisov1.DependencyFact{{Name: "db", Component: true, Evidence: at}, {Name: "redis", Evidence: concluded("go.mod", 7, "package")}},
			Runtimes:     []*provisov1.RuntimeFact{{Name: "go", Version: "1.26", Evidence: at}},
			Health:       []*provisov1.HealthFact{{Kind: "readiness", Check: "GET /healthz on 8080", Evidence: at}},
		}, {Name: "bare"}},
		Resources: []*provisov1.DeclaredResource{{
			Address: "proxmox_virtual_environment_vm.web", Kind: "resource", Type: "proxmox_virtual_environment_vm", Evidence: seen("main.tf", 1, "terraform"),
			Guest: &provisov1.DeclaredGuest{Dialect: "bpg", Kind: "vm", Name: new("web 1"), Cores: proto.Int32(4), MemoryMib: proto.Int64(2048), Count: proto.Int32(0)},
		}},
	}
}

func TestLines(t *testing.T) {
	want := []string{
		"code proxmox_virtual_environment_vm.web resource proxmox_virtual_environment_vm -",
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
		"health web readiness GET /healthz on 8080",
		"image web run nginx:1.27",
		"port web 8080/tcp",
		"replicas web 2..10",
		"replicas web 3",
		"resource web cpu request 250",
		"runtime web go 1.26 -",
		"volume web /data persistent data 10737418240",
		"volume web /tmp temporary - -",
	}
	if diff := cmp.Diff(want, appfacts.Lines(application())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLinesWithEvidence(t *testing.T) {
	got := appfacts.LinesWithEvidence(application())
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

func seen(file string, line int32, parser string) *provisov1.Evidence {
	return &provisov1.Evidence{File: file, Line: line, Parser: parser, Standing: "observed"}
}

func concluded(file string, line int32, parser string) *provisov1.Evidence {
	e := seen(file, line, parser)
	e.Standing = "inferred"
	return e
}
