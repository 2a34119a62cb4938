package harness

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Client speaks to a gateway as any program would.
type Client struct {
	// URL of the gateway, without a slash at the end.
	URL string
	// HTTP is the client used; nil: http.DefaultClient.
	HTTP *http.Client
}

// A Request is the body of POST /v1/runs.
type Request struct {
	Prompt    string            `json:"prompt"`
	Language  string            `json:"language,omitempty"`
	Confirmed bool              `json:"confirmed,omitempty"`
	Answers   []json.RawMessage `json:"answers,omitempty"`
	SessionID string            `json:"session_id,omitempty"`
}

// Post starts a run and returns its id.
func (c *Client) Post(ctx context.Context, r Request) (string, error) {
	var created struct {
		RunID string `json:"run_id"`
	}
	body, err := c.do(ctx, http.MethodPost, "/v1/runs", r, http.StatusAccepted)
	if err != nil {
		return "", err
	}
	return created.RunID, json.Unmarshal(body, &created)
}

// Wait returns the run once it has ended or waits for the requester, at most after a minute and a half.
func (c *Client) Wait(ctx context.Context, id string) (*provisov1.Run, error) {
	for deadline := time.Now().Add(90 * time.Second); ; {
		body, err := c.do(ctx, http.MethodGet, "/v1/runs/"+id+"?wait=30s", nil, http.StatusOK)
		if err != nil {
			return nil, err
		}
		run, err := wire.Decode[*provisov1.Run](body, wire.OwnServices)
		if err != nil {
			return nil, fmt.Errorf("decode run: %w", err)
		}
		switch run.GetState() {
		case "clarifying", "confirming", "delivered", "refused", "failed", "cancelled", "expired":
			return run, nil
		}
		if time.Now().After(deadline) {
			return run, fmt.Errorf("run %s is still %s", id, run.GetState())
		}
	}
}

// Answer answers one question.
func (c *Client) Answer(ctx context.Context, id, question, text string) error {
	body := map[string]any{"answers": []map[string]string{{"id": question, "text": text}}}
	_, err := c.do(ctx, http.MethodPost, "/v1/runs/"+id+"/answers", body, http.StatusAccepted)
	return err
}

// Confirm answers the question whether the interpretation is right.
func (c *Client) Confirm(ctx context.Context, id, text string) error {
	_, err := c.do(ctx, http.MethodPost, "/v1/runs/"+id+"/confirm", map[string]string{"answer": text}, http.StatusAccepted)
	return err
}

// Manifest returns what was delivered.
func (c *Client) Manifest(ctx context.Context, id string) (*provisov1.Manifest, error) {
	body, err := c.do(ctx, http.MethodGet, "/v1/runs/"+id+"/manifest", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return wire.Decode[*provisov1.Manifest](body, wire.OwnServices)
}

// Context returns what was read for a run.
func (c *Client) Context(ctx context.Context, id string) (*provisov1.ContextPayload, error) {
	body, err := c.do(ctx, http.MethodGet, "/v1/runs/"+id+"/context", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return wire.Decode[*provisov1.ContextPayload](body, wire.OwnServices)
}

// Unpack writes the bundle's files into a new folder and returns it.
func (c *Client) Unpack(t testing.TB, ctx context.Context, id string) string {
	t.Helper()
	body, err := c.do(ctx, http.MethodGet, "/v1/runs/"+id+"/bundle.zip", nil, http.StatusOK)
	if err != nil {
		t.Fatal(err)
	}
	zr, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (c *Client) do(ctx context.Context, method, path string, in any, want int) ([]byte, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != want {
		return nil, fmt.Errorf("%s %s: status %d, not %d: %s", method, path, resp.StatusCode, want, out)
	}
	return out, nil
}
