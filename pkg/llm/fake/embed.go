package fake

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
)

// dimensions of the vectors; enough that few words share one.
const dimensions = 256

// vector is a text as deterministic numbers: texts that share words are near each other.
func vector(text string) []float32 {
	v := make([]float64, dimensions)
	length := 0.0
	for w := range strings.FieldsSeq(strings.ToLower(text)) {
		h := fnv.New32a()
		_, _ = h.Write([]byte(strings.Trim(w, ".,;:!?`'\"()")))
		v[h.Sum32()%dimensions]++
	}
	for _, x := range v {
		length += x * x
	}
	out := make([]float32, dimensions)
	for i, x := range v {
		if length > 0 {
			out[i] = float32(x / math.Sqrt(length))
		}
	}
	return out
}

// embed answers both wires' requests for vectors. A rule of the script that matches "embed" may make it fail.
func (s *Server) embed(w http.ResponseWriter, wire string, body []byte) {
	var in struct {
		Model    string   `json:"model"`
		Input    []string `json:"input"`
		Requests []struct {
			Content struct {
				Parts []struct {
					Text string `json:"text"`
				} `json:"parts"`
			} `json:"content"`
		} `json:"requests"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, "broken JSON", http.StatusBadRequest)
		return
	}
	texts := in.Input
	for _, r := range in.Requests {
		var text strings.Builder
		for _, p := range r.Content.Parts {
			text.WriteString(p.Text)
		}
		texts = append(texts, text.String())
	}
	if rule, ok := s.find(Request{Wire: "embed", Model: in.Model, User: strings.Join(texts, "\n"), Body: string(body)}); ok && refuse(w, rule, func(status int, name string, _ []any) any {
		return map[string]any{"error": map[string]any{"code": status, "message": "scripted", "status": name}}
	}) {
		return
	}
	var data, embeddings []any
	for i, text := range texts {
		data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": vector(text)})
		embeddings = append(embeddings, map[string]any{"values": vector(text)})
	}
	if wire == "gemini" {
		write(w, http.StatusOK, map[string]any{"embeddings": embeddings})
		return
	}
	write(w, http.StatusOK, map[string]any{"object": "list", "model": in.Model, "data": data})
}
