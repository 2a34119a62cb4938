package system

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// request is the body of POST /v1/runs.
type request struct {
	Prompt    string `json:"prompt"`
	Confirmed bool   `json:"confirmed,omitempty"`
	SessionID string `json:"session_id,omitempty"`
}

func (s *System) post(ctx context.Context, d Dialogue) (string, error) {
	var created struct {
		RunID string `json:"run_id"`
	}
	// Who has something to say about the interpretation must be shown it.
	body := request{Prompt: d.Prompt, Confirmed: len(d.Turns) == 0, SessionID: d.Session}
	err := s.call(ctx, http.MethodPost, "/v1/runs", body, func(data []byte) error { return json.Unmarshal(data, &created) })
	return created.RunID, err
}

// wait returns the run once it has ended or waits for the requester in another way than tag says.
func (s *System) wait(ctx context.Context, id, tag string) (*provisov1.Run, string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/runs/"+id+"?wait=10s", nil)
		if err != nil {
			return nil, "", fmt.Errorf("make request: %w", err)
		}
		if tag != "" {
			req.Header.Set("If-None-Match", tag)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, "", fmt.Errorf("wait for run %s: %w", id, err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		switch {
		case err != nil:
			return nil, "", fmt.Errorf("read run %s: %w", id, err)
		case resp.StatusCode == http.StatusNotModified:
			continue
		case resp.StatusCode != http.StatusOK:
			return nil, "", fmt.Errorf("wait for run %s: %w", id, statusError(resp.StatusCode))
		}
		run, err := wire.Decode[*provisov1.Run](body, wire.OwnServices)
		if err != nil {
			return nil, "", fmt.Errorf("decode run %s: %w", id, err)
		}
		tag = resp.Header.Get("ETag")
		switch run.GetState() {
		case "clarifying", "confirming", "delivered", "refused", "failed", "cancelled", "expired":
			return run, tag, nil
		}
	}
}

func (s *System) manifest(ctx context.Context, id string) (*provisov1.Manifest, error) {
	var m *provisov1.Manifest
	err := s.call(ctx, http.MethodGet, "/v1/runs/"+id+"/manifest", nil, func(data []byte) (err error) {
		m, err = wire.Decode[*provisov1.Manifest](data, wire.OwnServices)
		return err
	})
	return m, err
}

// events reads every event of a run that has ended and hands on the results of its steps.
func (s *System) events(ctx context.Context, id string, each func(*provisov1.StepSucceeded)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/runs/"+id+"/events", nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("read events of run %s: %w", id, err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	kind := ""
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case key == "event":
			kind = value
		case key == "data" && kind == "step_succeeded":
			e, err := wire.Decode[*provisov1.StepSucceeded]([]byte(value), wire.OwnServices)
			if err != nil {
				return fmt.Errorf("decode event of run %s: %w", id, err)
			}
			each(e)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read events of run %s: %w", id, err)
	}
	return nil
}

// call sends JSON and hands the body of a successful answer to read, if there is one to hand it to.
func (s *System) call(ctx context.Context, method, path string, in any, read func([]byte) error) error {
	var body io.Reader = http.NoBody
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%w: %s %s: %w: %s", ErrRefused, method, path, statusError(resp.StatusCode), data)
	}
	if read == nil {
		return nil
	}
	return read(data)
}
