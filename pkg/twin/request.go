package twin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"proviso.dev/pkg/twin/apifacts"
)

// maxBody is what Proxmox VE takes as a body; uploads are not limited by it.
const maxBody = 512 << 10

// maxUpload bounds an upload. The twin keeps no bytes, only their number.
const maxUpload = 16 << 30

// A request is one call after routing: path variables and parameters are in values, by their names in the schema.
type request struct {
	endpoint *apifacts.Endpoint
	values   url.Values
	who      identity
	upload   upload
}

// upload is the file part of a multipart body.
type upload struct {
	name string
	size int64
}

func (r *request) has(key string) bool    { return r.values.Has(key) }
func (r *request) text(key string) string { return r.values.Get(key) }
func (r *request) node() string           { return r.values.Get("node") }
func (r *request) flag(key string) bool   { v, _ := apifacts.ParseBool(r.values.Get(key)); return v }
func (r *request) number(key string) int64 {
	n, _ := strconv.ParseInt(r.values.Get(key), 10, 64)
	return n
}
func (r *request) vmid() int                { return int(r.number("vmid")) }
func (r *request) list(key string) []string { return splitList(r.values.Get(key)) }

// flagOr is flag with a default for a parameter that was not sent.
func (r *request) flagOr(key string, otherwise bool) bool {
	if !r.has(key) {
		return otherwise
	}
	return r.flag(key)
}

// splitList reads a list as Proxmox VE does: separated by commas, semicolons, spaces or zero bytes.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == 0 })
}

// readParams collects the parameters of the query and the body: a form, JSON, or a multipart upload.
func readParams(r *http.Request) (url.Values, upload, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, upload{}, reject("query", "invalid query: %v", err)
	}
	if r.Body == nil || r.Method == http.MethodGet {
		return values, upload{}, nil
	}
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" && options["boundary"] != "" {
		up, err := readUpload(r, values)
		return values, up, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, upload{}, &refusal{code: http.StatusBadRequest, phrase: "read body: " + err.Error()}
	}
	if len(body) > maxBody {
		return nil, upload{}, &refusal{code: http.StatusNotImplemented, phrase: "for data too large"}
	}
	if kind == "application/json" {
		return values, upload{}, readJSON(body, values)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, upload{}, &refusal{code: http.StatusBadRequest, phrase: "invalid form: " + err.Error()}
	}
	for key, all := range form {
		values[key] = append(values[key], all...)
	}
	return values, upload{}, nil
}

// readJSON turns a JSON body into the strings that a form would hold.
func readJSON(body []byte, values url.Values) error {
	if len(body) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return &refusal{code: http.StatusBadRequest, phrase: "invalid JSON: " + err.Error()}
	}
	for key, raw := range fields {
		var many []json.RawMessage
		if json.Unmarshal(raw, &many) != nil {
			many = []json.RawMessage{raw}
		}
		for _, one := range many {
			text := string(one)
			switch text {
			case "null":
				continue
			case "true":
				text = "1"
			case "false":
				text = "0"
			}
			var s string
			if json.Unmarshal(one, &s) == nil {
				text = s
			}
			values.Add(key, text)
		}
	}
	return nil
}

// readUpload reads the fields of a multipart body and counts the bytes of its file.
func readUpload(r *http.Request, values url.Values) (upload, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return upload{}, &refusal{code: http.StatusBadRequest, phrase: "invalid multipart body: " + err.Error()}
	}
	var up upload
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return upload{}, &refusal{code: http.StatusBadRequest, phrase: "invalid multipart body: " + err.Error()}
		}
		if part.FileName() != "" {
			n, err := io.Copy(io.Discard, io.LimitReader(part, maxUpload))
			if err != nil {
				return upload{}, &refusal{code: http.StatusBadRequest, phrase: "read upload: " + err.Error()}
			}
			up = upload{name: part.FileName(), size: n}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxBody))
		if err != nil {
			return upload{}, &refusal{code: http.StatusBadRequest, phrase: fmt.Sprintf("read field %s: %v", part.FormName(), err)}
		}
		values.Add(part.FormName(), string(text))
	}
	if up.name != "" {
		values.Set("filename", up.name)
	}
	return up, nil
}
