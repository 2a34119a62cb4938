package descriptor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListingAdd(t *testing.T) {
	tests := map[string]string{
		"Dockerfile":                  "dockerfile",
		"dockerfile":                  "dockerfile",
		"Containerfile":               "dockerfile",
		"a/Dockerfile.worker":         "dockerfile",
		"a/worker.Dockerfile":         "dockerfile",
		"worker.dockerfile":           "dockerfile",
		"dockerfile.go":               "",
		"Dockerfile.dockerignore":     "",
		"Dockerfile.j2":               "",
		"Dockerfile.md":               "",
		"compose.yaml":                "compose",
		"docker-compose.yml":          "compose",
		"docker-compose.override.yml": "compose",
		"compose.prod.yaml":           "compose",
		"docker-compose-dev.yml":      "compose",
		"composer.json":               "package",
		"a/go.mod":                    "package",
		"requirements-dev.txt":        "",
		"package-lock.json":           "",
		"Procfile":                    "procfile",
		".env":                        "environment",
		".env.production.sample":      "environment",
		"web.env":                     "",
		"README.rst":                  "readme",
		"README.fr.md":                "",
		"main.tf":                     "terraform",
		"main.tofu":                   "terraform",
		"main.tf.json":                "terraform",
		"k8s/web.yml":                 "manifest",
		"k8s/web.json":                "manifest",
		"chart/Chart.yaml":            "chart",
		"kustomization.yml":           "kustomization",
		"main.go":                     "",
	}
	for name, want := range tests {
		var l listing
		l.add(name)
		got := map[string]int{
			"dockerfile": len(l.dockerfiles), "compose": len(l.composes), "package": len(l.packages), "procfile": len(l.procfiles),
			"environment": len(l.environments), "readme": len(l.readmes), "terraform": len(l.terraform), "manifest": len(l.manifests),
			"chart": len(l.charts), "kustomization": len(l.kustomizations),
		}
		for kind, n := range got {
			if n == 0 {
				delete(got, kind)
			}
		}
		expected := map[string]int{}
		if want != "" {
			expected[want] = 1
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestProjectOf(t *testing.T) {
	tests := map[string]struct {
		reason             string
		names              []string
		project, variantOf []string
	}{
		"Override":   {"Compose reads both by itself", []string{"docker-compose.override.yml", "docker-compose.yml", "docker-compose.prod.yml"}, []string{"docker-compose.yml", "docker-compose.override.yml"}, []string{"docker-compose.prod.yml"}},
		"Both":       {"Compose prefers the new name", []string{"compose.yml", "docker-compose.yml"}, []string{"compose.yml"}, []string{"docker-compose.yml"}},
		"NoProject":  {"an override alone overrides nothing", []string{"compose.override.yaml"}, nil, []string{"compose.override.yaml"}},
		"OnlyOthers": {"Compose reads none by itself", []string{"compose.dev.yaml", "compose.prod.yaml"}, nil, []string{"compose.dev.yaml", "compose.prod.yaml"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			project, variants := projectOf(tc.names)
			if diff := cmp.Diff(tc.project, project); diff != "" {
				t.Errorf("%s: project -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.variantOf, variants); diff != "" {
				t.Errorf("%s: variants -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
