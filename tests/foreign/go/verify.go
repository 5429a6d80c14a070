// Verifies a log of egide with the note and tlog packages of golang.org/x/mod, and nothing of egide.
//
//	verify -base DIR|http://127.0.0.1:PORT -vkey KEY|@FILE [-old FILE] [-proofs DIR]
//
// Checked: the signature of the checkpoint; every entry against the tiles, and the tiles against the signed root; the root
// computed anew from the entries alone; inclusion proofs of sampled entries; with -old, that the log extends a checkpoint
// kept from before; with -proofs, the proof files in a folder.
//
// Entries need a token: its file is named by EGIDE_TOKEN_FILE. Exit status: 0 verified, 1 refused, 2 wrong usage.
//
// Build: GO111MODULE=off GOPATH=/usr/share/gocode go build verify.go   (Debian: golang-go golang-golang-x-mod-dev)
package main

import (
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	maxAnswer  = 2 + 65535 + 256*(2+65535)
)

// ---- where the bytes come from

type source struct {
	base   string
	token  string
	client http.Client
}

func newSource(base string) (*source, error) {
	s := &source{base: strings.TrimRight(base, "/"), client: http.Client{Timeout: 30 * time.Second}}
	if file := os.Getenv("EGIDE_TOKEN_FILE"); file != "" {
		token, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s.token = strings.TrimSpace(string(token))
	}
	return s, nil
}

func (s *source) get(path string) ([]byte, error) {
	if !strings.HasPrefix(s.base, "http://") && !strings.HasPrefix(s.base, "https://") {
		return os.ReadFile(filepath.Join(s.base, filepath.FromSlash(path)))
	}
	request, err := http.NewRequest("GET", s.base+path, nil)
	if err != nil {
		return nil, err
	}
	// The token goes only where it is needed.
	if s.token != "" && strings.HasPrefix(path, "/log/tile/entries/") {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", path, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
}

// tile/8/<L>/<N> of this library is tile/<L>/<N> in tlog-tiles: the height is left out.
func tilePath(tile tlog.Tile) string {
	return "/log/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

func (s *source) Height() int                                { return tileHeight }
func (s *source) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (s *source) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		data, err := s.get(tilePath(tile))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tilePath(tile), len(data))
		}
		out = append(out, data)
	}
	return out, nil
}

// The entries [first, first+width), width at most 256.
func (s *source) bundle(first int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: 0, N: first / tileWidth, W: width}
	path := strings.Replace(tilePath(tile), "/tile/0/", "/tile/entries/", 1)
	data, err := s.get(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s is cut", path)
		}
		length := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:length])
		data = data[length:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%s has %d entries instead of %d", path, len(entries), width)
	}
	return entries, nil
}

// ---- checkpoints

// ParseTree of the library takes only the origin of the Go checksum database.
func parseCheckpoint(text string, origin string) (tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, fmt.Errorf("the checkpoint does not have three lines")
	}
	if lines[0] != origin {
		return tree, fmt.Errorf("the checkpoint is of %q", lines[0])
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || tree.N < 0 || strconv.FormatInt(tree.N, 10) != lines[1] {
		return tree, fmt.Errorf("the size of the checkpoint is not a number")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func openCheckpoint(message []byte, verifier note.Verifier) (tree tlog.Tree, err error) {
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	return parseCheckpoint(opened.Text, verifier.Name())
}

// ---- the whole log

type hashesInMemory []tlog.Hash

func (h hashesInMemory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		if i < 0 || i >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", i)
		}
		out = append(out, h[i])
	}
	return out, nil
}

// TileHashReader of version 0.7.0 does not check every tile against its parent (it counts the frontier's hashes where it
// means their tiles), so nothing here rests on it alone: the entries are hashed into a tree of their own, whose root must be
// the signed one, and proofs made from tiles are verified as if a stranger had sent them.
func verifyEntries(s *source, tree tlog.Tree) error {
	if tree.N == 0 {
		return nil
	}
	tiles := tlog.TileHashReader(tree, s)
	root, err := tlog.TreeHash(tree.N, tiles)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the root of the tiles is not the signed root")
	}
	var stored hashesInMemory
	for first := int64(0); first < tree.N; first += tileWidth {
		width := tileWidth
		if tree.N-first < tileWidth {
			width = int(tree.N - first)
		}
		entries, err := s.bundle(first, width)
		if err != nil {
			return err
		}
		var indexes []int64
		for i := range entries {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
		}
		proven, err := tiles.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != proven[i] {
				return fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
			}
			added, err := tlog.StoredHashes(first+int64(i), entry, stored)
			if err != nil {
				return err
			}
			stored = append(stored, added...)
		}
	}
	root, err = tlog.TreeHash(tree.N, stored)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the root of the entries is not the signed root")
	}
	return verifySamples(tree, tiles, stored)
}

func verifySamples(tree tlog.Tree, tiles tlog.HashReader, stored hashesInMemory) error {
	step := tree.N/16 + 1
	for i := int64(0); i < tree.N; i += step {
		proof, err := tlog.ProveRecord(tree.N, i, tiles)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, stored[tlog.StoredHashIndex(0, i)]); err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
	}
	return nil
}

// CheckTree refuses an old size below 1; an empty log is a prefix of every log.
func checkTree(proof tlog.TreeProof, tree, old tlog.Tree) error {
	if old.N == 0 {
		if len(proof) != 0 {
			return fmt.Errorf("surplus hashes")
		}
		return nil
	}
	if old.N > tree.N {
		return fmt.Errorf("the log was rolled back from %d to %d entries", old.N, tree.N)
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func verifyOld(s *source, tree, old tlog.Tree) error {
	var proof tlog.TreeProof
	if old.N > 0 && old.N <= tree.N {
		var err error
		if proof, err = tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, s)); err != nil {
			return err
		}
	}
	return checkTree(proof, tree, old)
}

// ---- proof files

// Reads "<head> N", hashes, empty line; the rest is the checkpoint.
func parseProof(text, head string) (number int64, hashes []tlog.Hash, checkpoint string, err error) {
	top, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(top, "\n")
	if !found || !strings.HasPrefix(lines[0], head+" ") {
		return 0, nil, "", fmt.Errorf("not a proof file")
	}
	if number, err = strconv.ParseInt(lines[0][len(head)+1:], 10, 64); err != nil {
		return 0, nil, "", err
	}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, nil, "", err
		}
		hashes = append(hashes, hash)
	}
	return number, hashes, checkpoint, nil
}

func verifyInclusionFile(text string, entry []byte, verifier note.Verifier) error {
	const header = "c2sp.org/tlog-proof@v1\n"
	if !strings.HasPrefix(text, header) {
		return fmt.Errorf("no tlog-proof header")
	}
	rest := strings.TrimPrefix(text, header)
	if extra, after, _ := strings.Cut(rest, "\n"); strings.HasPrefix(extra, "extra ") {
		if _, err := base64.StdEncoding.DecodeString(extra[len("extra "):]); err != nil {
			return err
		}
		rest = after
	}
	index, hashes, checkpoint, err := parseProof(rest, "index")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint([]byte(checkpoint), verifier)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(hashes), tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func verifyConsistencyFile(text string, old []byte, verifier note.Verifier) error {
	size, hashes, checkpoint, err := parseProof(text, "old")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint([]byte(checkpoint), verifier)
	if err != nil {
		return err
	}
	oldTree, err := openCheckpoint(old, verifier)
	if err != nil {
		return err
	}
	if oldTree.N != size {
		return fmt.Errorf("the proof is from size %d, the old checkpoint of size %d", size, oldTree.N)
	}
	return checkTree(tlog.TreeProof(hashes), tree, oldTree)
}

// <name>.tlog-proof with <name>.leaf, <name>.consistency with <name>.old
func verifyProofs(folder string, verifier note.Verifier) (count int, err error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		extension := filepath.Ext(file.Name())
		partner := map[string]string{".tlog-proof": ".leaf", ".consistency": ".old"}[extension]
		if partner == "" {
			continue
		}
		path := filepath.Join(folder, file.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			return count, err
		}
		other, err := os.ReadFile(strings.TrimSuffix(path, extension) + partner)
		if err != nil {
			return count, err
		}
		if partner == ".leaf" {
			err = verifyInclusionFile(string(text), other, verifier)
		} else {
			err = verifyConsistencyFile(string(text), other, verifier)
		}
		if err != nil {
			return count, fmt.Errorf("%s: %v", file.Name(), err)
		}
		count++
	}
	if count == 0 {
		return 0, fmt.Errorf("%s holds no proof", folder)
	}
	return count, nil
}

func run(base, vkey, oldFile, proofs string) error {
	if strings.HasPrefix(vkey, "@") {
		text, err := os.ReadFile(vkey[1:])
		if err != nil {
			return err
		}
		vkey = strings.TrimSpace(string(text))
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	s, err := newSource(base)
	if err != nil {
		return err
	}
	message, err := s.get("/log/checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(message, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %v", err)
	}
	fmt.Printf("checkpoint: signed by %s, %d entries, root %v\n", verifier.Name(), tree.N, tree.Hash)
	if err := verifyEntries(s, tree); err != nil {
		return err
	}
	fmt.Printf("entries: all %d are in the tree\n", tree.N)
	if oldFile != "" {
		message, err := os.ReadFile(oldFile)
		if err != nil {
			return err
		}
		old, err := openCheckpoint(message, verifier)
		if err != nil {
			return fmt.Errorf("old checkpoint: %v", err)
		}
		if err := verifyOld(s, tree, old); err != nil {
			return fmt.Errorf("the log does not extend the old checkpoint: %v", err)
		}
		fmt.Printf("consistency: extends the checkpoint of %d entries\n", old.N)
	}
	if proofs != "" {
		count, err := verifyProofs(proofs, verifier)
		if err != nil {
			return err
		}
		fmt.Printf("proof files: %d verified\n", count)
	}
	return nil
}

func main() {
	base := flag.String("base", "", "folder or URL under which /log lies")
	vkey := flag.String("vkey", "", "verifier key of the log, or @FILE")
	old := flag.String("old", "", "file of a checkpoint kept from before")
	proofs := flag.String("proofs", "", "folder of proof files")
	flag.Parse()
	if *base == "" || *vkey == "" || flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*base, *vkey, *old, *proofs); err != nil {
		fmt.Println("REFUSED:", err)
		os.Exit(1)
	}
	fmt.Println("VERIFIED")
}
