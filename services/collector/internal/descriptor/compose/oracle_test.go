package compose_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/compose"
	"proviso.dev/services/collector/internal/descriptor/fixture"
)

// archives are projects that Compose accepts as they are: no variable is left without a value.
var archives = map[string]string{
	"Shop": `
-- compose.yaml --
name: shop
x-defaults: &defaults
  restart: unless-stopped
  environment: &env
    TZ: UTC
    LEVEL: ${LEVEL:-info}
services:
  web:
    <<: *defaults
    image: ${REGISTRY:-docker.io}/shop/web:${TAG:-1.2}
    ports:
      - "8080:80"
      - 127.0.0.1:8443:443/tcp
      - "53:53/udp"
      - "7000-7002:7000-7002"
      - target: 9090
        published: "9091"
        protocol: tcp
        mode: host
    expose: ["3000", "4000-4001"]
    volumes:
      - data:/data
      - ./conf:/conf:ro
      - /anonymous
      - type: tmpfs
        target: /tmp
        tmpfs: {size: 64m}
      - type: volume
        source: logs
        target: /logs
        read_only: true
    depends_on:
      db: {condition: service_healthy}
    deploy:
      replicas: 2
      resources:
        limits: {cpus: "0.5", memory: 256M}
        reservations: {cpus: "0.25", memory: 64M}
  db:
    image: postgres:16
    environment:
      <<: *env
      POSTGRES_DB: shop
      EMPTY:
      NUMBER: 4
      YES: true
    healthcheck:
      test: ["CMD-SHELL", "pg_isready"]
    command: postgres -c max_connections=200
    scale: 1
volumes: {data: , logs: }
`,
	"Override": `
-- compose.yaml --
services:
  a:
    image: a:1
    ports: ["80:80"]
    environment: [A=1, B=2]
    volumes: ["v:/v", "w:/w"]
    depends_on: [b]
  b: {image: b}
volumes: {v: , w: , x: }
-- compose.override.yaml --
services:
  a:
    image: a:2
    ports: ["81:81"]
    environment: {B: three, C: "4"}
    volumes: ["x:/v"]
    depends_on: [c]
  c: {image: c, environment: !override {D: d}}
`,
	"Reset": `
-- compose.yaml --
services:
  a:
    image: a
    ports: ["80:80"]
    environment: {A: "1"}
    volumes: ["v:/v"]
volumes: {v: , w: }
-- compose.override.yaml --
services:
  a:
    ports: !override ["81:81"]
    environment: !reset null
    volumes: !override ["w:/w"]
`,
}

// What Compose's own loader understands of a project is what this package reads of it.
func TestReadAgainstCompose(t *testing.T) {
	for name, archive := range archives {
		t.Run(name, func(t *testing.T) {
			files := fixture.Files(archive)
			names := []string{"compose.yaml"}
			if _, err := fs.Stat(files, "compose.override.yaml"); err == nil {
				names = append(names, "compose.override.yaml")
			}
			want := loaded(t, files, names)
			got := map[string][]string{}
			for _, s := range compose.Read(files, names...).Services {
				got[s.Component.GetName()] = said(s.Component)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-compose +got:\n%s", diff)
			}
		})
	}
}

// loaded is what Compose's loader says of each service, as lines.
func loaded(t *testing.T, files fs.FS, names []string) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	details := types.ConfigDetails{WorkingDir: dir, Environment: types.Mapping{}}
	for _, name := range names {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: filepath.Join(dir, name)})
	}
	project, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName("shop", true)
		o.SkipInclude, o.SkipExtends, o.SkipResolveEnvironment = true, true, true
		o.ResourceLoaders = nil
		o.MaxNodeVisits = 100_000
	})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	out := map[string][]string{}
	for name, s := range project.Services {
		out[name] = lines(s)
	}
	return out
}

func lines(s types.ServiceConfig) []string {
	out := []string{"image " + s.Image}
	for _, p := range s.Ports {
		out = append(out, fmt.Sprintf("port %d/%s", p.Target, p.Protocol), fmt.Sprintf("published %s->%d", p.Published, p.Target))
	}
	for _, e := range s.Expose {
		first, last, ranged := strings.Cut(e, "-")
		out = append(out, "port "+first+"/tcp")
		if ranged {
			out = append(out, "port "+last+"/tcp")
		}
	}
	for name, value := range s.Environment {
		if value == nil {
			value = new(string)
		}
		out = append(out, "env "+name+"="+*value)
	}
	kinds := map[string]string{"bind": "host", "volume": "persistent", "tmpfs": "temporary"}
	for _, v := range s.Volumes {
		line := fmt.Sprintf("volume %s %s %t", v.Target, kinds[v.Type], v.ReadOnly)
		if v.Type == "volume" {
			line += " " + v.Source
		}
		if v.Tmpfs != nil {
			line += fmt.Sprintf(" %d", v.Tmpfs.Size)
		}
		out = append(out, line)
	}
	for name := range s.DependsOn {
		out = append(out, "depends "+name)
	}
	if s.Deploy != nil && s.Deploy.Replicas != nil {
		out = append(out, fmt.Sprintf("replicas %d", *s.Deploy.Replicas))
	}
	if s.Scale != nil {
		out = append(out, fmt.Sprintf("replicas %d", *s.Scale))
	}
	if s.Deploy != nil {
		for bound, r := range map[string]*types.Resource{"limit": s.Deploy.Resources.Limits, "request": s.Deploy.Resources.Reservations} {
			if r != nil {
				out = append(out, fmt.Sprintf("cpu %s %.0f", bound, float64(r.NanoCPUs)*1000), fmt.Sprintf("memory %s %d", bound, r.MemoryBytes))
			}
		}
	}
	if s.HealthCheck != nil {
		out = append(out, "health "+strings.Join(s.HealthCheck.Test[1:], " "))
	}
	return compact(out)
}

// said is what this package says of a service, as the same lines.
func said(c *provisov1.Component) []string {
	var out []string
	for _, f := range c.GetImages() {
		out = append(out, "image "+f.GetReference())
	}
	for _, f := range c.GetPorts() {
		out = append(out, fmt.Sprintf("port %d/%s", f.GetNumber(), f.GetProtocol()))
	}
	for _, f := range c.GetExposures() {
		out = append(out, fmt.Sprintf("published %d->%d", f.GetPort(), f.GetTargetPort()))
	}
	for _, f := range c.GetEnvironment() {
		out = append(out, "env "+f.GetName()+"="+f.GetValue())
	}
	for _, f := range c.GetVolumes() {
		line := fmt.Sprintf("volume %s %s %t", f.GetPath(), f.GetKind(), f.GetReadOnly())
		switch {
		case f.GetKind() == "persistent":
			line += " " + f.GetName()
		case f.GetSizeBytes() > 0:
			line += fmt.Sprintf(" %d", f.GetSizeBytes())
		}
		out = append(out, line)
	}
	for _, f := range c.GetDependencies() {
		out = append(out, "depends "+f.GetName())
	}
	for _, f := range c.GetReplicas() {
		out = append(out, fmt.Sprintf("replicas %d", f.GetCount()))
	}
	for _, f := range c.GetResources() {
		out = append(out, fmt.Sprintf("%s %s %d", f.GetResource(), f.GetBound(), f.GetAmount()))
	}
	for _, f := range c.GetHealth() {
		out = append(out, "health "+strings.TrimPrefix(f.GetCheck(), "exec "))
	}
	return compact(out)
}

func compact(lines []string) []string {
	return slices.Sorted(maps.Keys(maps.Collect(func(yield func(string, bool) bool) {
		for _, l := range lines {
			if !yield(l, true) {
				return
			}
		}
	})))
}
