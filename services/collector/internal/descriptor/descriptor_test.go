package descriptor

import (
	"context"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/fixture"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// shop is a reading of a repository named shop.
func shop() *provisov1.RepositoryReading {
	return &provisov1.RepositoryReading{Url: "https://git.example.org/acme/shop.git", ReadAt: &timestamppb.Timestamp{Seconds: 1_760_000_000}}
}

// Shows: T-3.3.5-202
func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason, archive, want string
	}{
		"ComposeBuildsAndPackages": {
			reason: "A Dockerfile joins the service that builds it, a package the build context, and what a client library needs is the service beside it.",
			archive: `
-- compose.yaml --
services:
  web:
    build: ./web
    ports: ["80:3000"]
    env_file: web.env
    environment:
      API: http://api:8080/v1
  api:
    build:
      context: ./api
      target: run
    environment:
      DATABASE_URL: postgres://shop:hunter2@db:5432/shop
  db:
    image: postgres:16
-- web.env --
THEME=dark
-- web/Dockerfile --
FROM node:22
EXPOSE 3000
-- web/package.json --
{"name": "web", "dependencies": {"express": "5", "redis": "5"}}
-- api/Dockerfile --
FROM golang:1.26 AS build
FROM debian:13 AS run
ENV PORT=8080
FROM run AS debug
ENV DEBUG=1
-- api/go.mod --
module example.org/api

go 1.26

require github.com/gin-gonic/gin v1.10.0

require github.com/lib/pq v1.10.9
-- api/.env.example --
LOG_LEVEL=info
API_TOKEN=change-me
-- README.md --
# Shop

Sells things.
`,
			want: `
component web service @ compose.yaml:2
image web base node:22 @ web/Dockerfile:1
port web 3000/tcp @ compose.yaml:4
expose web host 80->3000 - @ compose.yaml:4
env web API http://api:8080/v1 @ compose.yaml:7
depends web api component observed @ compose.yaml:7
env web THEME dark @ web.env:1
runtime web node - express @ web/package.json:1
depends web redis external inferred @ web/package.json:1
component api service @ compose.yaml:8
image api base debian:13 @ api/Dockerfile:2
image api build golang:1.26 @ api/Dockerfile:1
env api PORT 8080 @ api/Dockerfile:3
env api DATABASE_URL secret @ compose.yaml:13
depends api db component observed @ compose.yaml:13
runtime api go 1.26 gin @ api/go.mod:3
port api 8080/tcp @ api/go.mod:5
env api LOG_LEVEL info @ api/.env.example:1
env api API_TOKEN secret @ api/.env.example:2
component db service @ compose.yaml:14
image db run postgres:16 @ compose.yaml:15
hint Shop @ README.md:1
hint Sells things. @ README.md:3
`,
		},
		"WorkloadsAndDockerfiles": {
			reason: "A Dockerfile joins the workload that runs an image of its folder's name; Services stand for workloads; equal ports count once, as Kubernetes says them.",
			archive: `
-- k8s/shop.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
spec:
  replicas: 2
  template:
    metadata: {labels: {app: frontend}}
    spec:
      containers:
        - name: web
          image: registry.example.org/shop/shop-web:1.4
          ports: [{containerPort: 8080}]
          env:
            - name: DATABASE_URL
              value: postgres://shop:hunter2@data.shop.svc:5432/shop
---
apiVersion: v1
kind: Service
metadata: {name: data}
spec:
  selector: {app: postgres}
  ports: [{port: 5432}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: postgres
spec:
  template:
    metadata: {labels: {app: postgres}}
    spec:
      containers: [{name: db, image: "postgres:16"}]
-- shop-web/Dockerfile --
FROM nginx:1.27
EXPOSE 8080
EXPOSE 8081
-- docker-compose.dev.yml --
services:
  frontend:
    ports: ["9000:9000"]
`,
			want: `
component frontend service @ k8s/shop.yaml:4
image frontend run registry.example.org/shop/shop-web:1.4 @ k8s/shop.yaml:12
image frontend base nginx:1.27 @ shop-web/Dockerfile:1
port frontend 8080/tcp @ k8s/shop.yaml:13
port frontend 8081/tcp @ shop-web/Dockerfile:3
replicas frontend 2 @ k8s/shop.yaml:6
env frontend DATABASE_URL secret @ k8s/shop.yaml:15
depends frontend postgres component observed @ k8s/shop.yaml:15
component postgres stateful @ k8s/shop.yaml:28
image postgres run postgres:16 @ k8s/shop.yaml:33
expose postgres cluster 5432->5432 - @ k8s/shop.yaml:23
problem variant @ docker-compose.dev.yml:0
`,
		},
		"DockerfileAlone": {
			reason: "Without anything else the repository's name is the component's.",
			archive: `
-- Dockerfile --
FROM python:3.13
CMD ["python", "app.py"]
-- Dockerfile.dev --
FROM python:3.13-slim
-- worker.Dockerfile --
FROM python:3.12
-- requirements.txt --
flask==3
`,
			want: `
component shop - @ Dockerfile:1
image shop base python:3.13 @ Dockerfile:1
command shop python app.py @ Dockerfile:2
runtime shop python - flask @ requirements.txt:1
port shop 5000/tcp @ requirements.txt:1
problem variant @ Dockerfile.dev:0
component worker - @ worker.Dockerfile:1
image worker base python:3.12 @ worker.Dockerfile:1
runtime worker python - flask @ requirements.txt:1
port worker 5000/tcp @ requirements.txt:1
`,
		},
		"Procfile": {
			reason: "Processes are components; the metadata of their folder is theirs, its port the web's.",
			archive: `
-- Procfile --
release: rake db:migrate
web: puma
worker: sidekiq
-- Gemfile --
gem "rails"
gem "pg"
-- .env --
RAILS_ENV=production
`,
			want: `
component release job @ Procfile:1
command release rake db:migrate @ Procfile:1
runtime release ruby - rails @ Gemfile:1
depends release postgresql external inferred @ Gemfile:2
env release RAILS_ENV secret @ .env:1
component web - @ Procfile:2
command web puma @ Procfile:2
runtime web ruby - rails @ Gemfile:1
port web 3000/tcp @ Gemfile:1
depends web postgresql external inferred @ Gemfile:2
env web RAILS_ENV secret @ .env:1
component worker - @ Procfile:3
command worker sidekiq @ Procfile:3
runtime worker ruby - rails @ Gemfile:1
depends worker postgresql external inferred @ Gemfile:2
env worker RAILS_ENV secret @ .env:1
`,
		},
		"PackageAlone": {
			reason: "A program makes a component when nothing else does, a library does not, and what only tests is read when there is nothing else.",
			archive: `
-- pom.xml --
<project><artifactId>orders</artifactId>
<build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>
-- lib/package.json --
{"name": "lib"}
-- node_modules/express/package.json --
{"name": "express", "scripts": {"start": "x"}}
-- examples/compose.yaml --
services: {demo: {image: demo}}
`,
			want: `
component orders - @ pom.xml:0
runtime orders java - - @ pom.xml:0
problem variant @ examples/compose.yaml:0
`,
		},
		"OnlyTests": {
			reason:  "What only tests is read when there is nothing else.",
			archive: "-- examples/compose.yaml --\nservices: {demo: {image: demo}}\n-- lib.go --\npackage lib\n",
			want:    "component demo service @ examples/compose.yaml:1\nimage demo run demo @ examples/compose.yaml:1\n",
		},
		"EveryKind": {
			reason: "A chart, a manifest, an image, a package and infrastructure code, each with what it says of the same application.",
			archive: `
-- deploy/chart/Chart.yaml --
apiVersion: v2
name: shop
version: 1.0.0
-- deploy/chart/values.yaml --
replicas: 2
image: registry.example.org/acme/api:1.4
-- deploy/chart/templates/api.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: {{ .Values.replicas }}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: {{ .Values.image }}
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /healthz, port: 8080}
          resources:
            requests:
              cpu: 250m
              memory: 64Mi
---
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector: {app: api}
  ports:
    - port: 80
      targetPort: 8080
-- deploy/queue.yaml --
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: queue
spec:
  template:
    spec:
      containers:
        - name: nats
          image: nats:2.12
          volumeMounts:
            - name: data
              mountPath: /data
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        resources:
          requests:
            storage: 1Gi
-- api/Dockerfile --
FROM golang:1.26 AS build
FROM gcr.io/distroless/static
EXPOSE 8080
-- api/go.mod --
module example.org/acme/api

go 1.26

require github.com/nats-io/nats.go v1.55.0
-- api/.env.example --
QUEUE_URL=nats://queue:4222
-- infra/main.tf --
resource "proxmox_virtual_environment_vm" "db" {
  name      = "db"
  node_name = "pve1"
  cpu {
    cores = 4
  }
  memory {
    dedicated = 8192
  }
}
`,
			want: `
component api service @ deploy/chart/templates/api.yaml:4
image api run registry.example.org/acme/api:1.4 @ deploy/chart/templates/api.yaml:13
image api base gcr.io/distroless/static @ api/Dockerfile:2
image api build golang:1.26 @ api/Dockerfile:1
port api 8080/tcp @ deploy/chart/templates/api.yaml:15
expose api cluster 80->8080 - @ deploy/chart/templates/api.yaml:30
replicas api 2 @ deploy/chart/templates/api.yaml:6
resource api cpu request 250 @ deploy/chart/templates/api.yaml:20
resource api memory request 67108864 @ deploy/chart/templates/api.yaml:21
health api readiness GET /healthz on 8080 @ deploy/chart/templates/api.yaml:16
runtime api go 1.26 - @ api/go.mod:3
env api QUEUE_URL nats://queue:4222 @ api/.env.example:1
depends api queue component observed @ api/.env.example:1
component queue stateful @ deploy/queue.yaml:4
image queue run nats:2.12 @ deploy/queue.yaml:10
volume queue /data persistent data 1073741824 @ deploy/queue.yaml:13
code proxmox_virtual_environment_vm.db resource proxmox_virtual_environment_vm - @ infra/main.tf:1
guest proxmox_virtual_environment_vm.db bpg vm name=db node=pve1 cores=4 memory=8192 @ infra/main.tf:1
`,
		},
		"Nothing": {reason: "A repository may say nothing.", archive: "-- main.c --\nint main;\n", want: ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			app := Read(t.Context(), fixture.Files(tc.archive), shop())
			if err := wire.Validate(app); err != nil {
				t.Errorf("the contract is broken: %v", err)
			}
			if diff := cmp.Diff(fixture.Tidy(tc.want), fixture.Application(app)); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
			if again := Read(t.Context(), fixture.Files(tc.archive), shop()); !proto.Equal(app, again) {
				t.Errorf("equal repositories must give equal readings")
			}
		})
	}
}

// A parser that panics costs its own files only, and the application says so.
func TestReadPanic(t *testing.T) {
	with := known
	with.kubernetes = func(fs.FS, []string) reading.Result { panic("hunter2 index out of range") }
	app := read(t.Context(), fixture.Files("-- a.yaml --\na: b\n-- compose.yaml --\nservices: {a: {image: b}}\n"), shop(), with)
	want := "component a service @ compose.yaml:1\nimage a run b @ compose.yaml:1\nproblem unsupported @ :0\n"
	if diff := cmp.Diff(want, fixture.Application(app)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Once the context has ended no parser runs, and the application says so.
func TestReadLate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	with := known
	with.kubernetes = func(fs.FS, []string) reading.Result { cancel(); return reading.Result{} }
	app := read(ctx, fixture.Files("-- a.yaml --\na: b\n-- compose.yaml --\nservices: {a: {image: b}}\n"), shop(), with)
	if diff := cmp.Diff("problem too_slow @ :0\n", fixture.Application(app)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Names and links that could mislead are named, and nothing of them is read.
func TestReadOddFiles(t *testing.T) {
	files := fstest.MapFS{
		"a\nb/Dockerfile":  {Data: []byte("FROM a\n")},
		"Dockerfile":       {Data: []byte("../../etc/passwd"), Mode: fs.ModeSymlink},
		"link.txt":         {Data: []byte("x"), Mode: fs.ModeSymlink},
		"big/compose.yaml": {Data: make([]byte, reading.MostOfFile+1)},
	}
	want := "problem link @ Dockerfile:0\nproblem name @ .:0\nproblem too_large @ big/compose.yaml:0\n"
	if diff := cmp.Diff(want, fixture.Application(Read(t.Context(), files, shop()))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Of a subdirectory the files are those below it; the paths that come back are the repository's, also where it holds a folder of its
// own name.
func TestReadSubdirectory(t *testing.T) {
	files := fixture.Files("-- Dockerfile --\nFROM debian\n-- go.mod --\nmodule x\n\nrequire github.com/lib/pq v1\n-- shop/x.py --\n-- README.md --\n# Shop\n-- examples/Dockerfile --\nFROM debian\n")
	r := shop()
	r.Subdirectory = "apps/shop"
	want := `
component shop - @ apps/shop/Dockerfile:1
image shop base debian @ apps/shop/Dockerfile:1
runtime shop go - - @ apps/shop/go.mod:0
depends shop postgresql external inferred @ apps/shop/go.mod:3
hint Shop @ apps/shop/README.md:1
problem variant @ apps/shop/examples/Dockerfile:0
`
	if diff := cmp.Diff(fixture.Tidy(want), fixture.Application(Read(t.Context(), files, r))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRepositoryName(t *testing.T) {
	tests := map[string]string{
		"https://git.example.org/acme/shop.git": "shop",
		"ssh://git@git.example.org/acme/shop/":  "shop",
		"git@git.example.org:shop.git":          "shop",
		"https://git.example.org/.git":          "application",
		"":                                      "application",
	}
	for url, want := range tests {
		if got := repositoryName(url); got != want {
			t.Errorf("%s: want %q, got %q", url, want, got)
		}
	}
}
