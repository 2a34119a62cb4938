package llm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/llm"
)

func TestLoadConfig(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("k3y-k3y-k3y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		env  map[string]string
		want llm.Config
		err  string // part of the error; empty: none
	}{
		"Off":      {},
		"OffWord":  {env: map[string]string{"PROVISO_LLM": "off", "PROVISO_LLM_MODEL": "x"}},
		"Local":    {env: map[string]string{"PROVISO_LLM": "openai", "PROVISO_LLM_MODEL": "qwen3:8b", "PROVISO_LLM_BASE_URL": "http://10.0.0.5:11434/v1"}, want: llm.Config{Entries: []llm.Entry{{Provider: "openai", Model: "qwen3:8b", BaseURL: "http://10.0.0.5:11434/v1"}}}},
		"Unknown":  {env: map[string]string{"PROVISO_LLM": "oracle"}, err: "PROVISO_LLM"},
		"NoModel":  {env: map[string]string{"PROVISO_LLM": "openai", "PROVISO_LLM_BASE_URL": "http://localhost/v1"}, err: "name of a model"},
		"NoKey":    {env: map[string]string{"PROVISO_LLM": "gemini", "PROVISO_LLM_MODEL": "g"}, err: "key"},
		"Plain":    {env: map[string]string{"PROVISO_LLM": "openai", "PROVISO_LLM_MODEL": "g", "PROVISO_LLM_KEY": "k3y-k3y-k3y", "PROVISO_LLM_BASE_URL": "http://10.0.0.5/v1"}, err: "https"},
		"UserInfo": {env: map[string]string{"PROVISO_LLM": "openai", "PROVISO_LLM_MODEL": "g", "PROVISO_LLM_BASE_URL": "https://a:k3y-k3y-k3y@h/v1"}, err: "without user"},
		"Numbers":  {env: map[string]string{"PROVISO_LLM": "gemini", "PROVISO_LLM_MODEL": "g", "PROVISO_LLM_KEY": "k3y-k3y-k3y", "PROVISO_LLM_CALLS": "0", "PROVISO_LLM_CALL_TIMEOUT": "1h", "PROVISO_LLM_PREFER": "model"}, err: "PROVISO_LLM_CALL_TIMEOUT"},
		"Chain": {
			env: map[string]string{"PROVISO_LLM": "gemini", "PROVISO_LLM_MODEL": "big", "PROVISO_LLM_KEY_FILE": key, "PROVISO_LLM_THINKING": "low", "PROVISO_LLM_CALLS": "3", "PROVISO_LLM_RUN_TIMEOUT": "30s",
				"PROVISO_LLM_FALLBACK": "gemini:small, openai:qwen3:8b@http://127.0.0.1:11434/v1", "PROVISO_LLM_PREFER": "always"},
			want: llm.Config{Always: true, Limits: llm.Limits{Calls: 3, RunTimeout: 30 * time.Second}, Entries: []llm.Entry{
				{Provider: "gemini", Model: "big", Key: "k3y-k3y-k3y", Thinking: "low"}, {Provider: "gemini", Model: "small", Key: "k3y-k3y-k3y"},
				{Provider: "openai", Model: "qwen3:8b", BaseURL: "http://127.0.0.1:11434/v1"}}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := llm.LoadConfig(func(k string) (string, bool) { v, ok := tc.env[k]; return v, ok })
			if (err != nil) != (tc.err != "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Fatalf("got %v, want an error about %q", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if s := fmt.Sprintf("%v %+v %#v %s %v", got, got, got, got.Entries, err); strings.Contains(s, "k3y-k3y") {
				t.Errorf("the key shows: %s", s)
			}
		})
	}
}
