// Reads proofs, one a line, from standard input (the form is in ../write_proofs.cpp) and checks each with tlog, first as
// it is, then with one bit changed: that one must be refused.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func parse(line string) (kind string, a, size int64, first, root tlog.Hash, proof []tlog.Hash, err error) {
	words := strings.Fields(line)
	if len(words) < 5 {
		return kind, a, size, first, root, nil, fmt.Errorf("cut")
	}
	kind = words[0]
	if a, err = strconv.ParseInt(words[1], 10, 64); err != nil {
		return
	}
	if size, err = strconv.ParseInt(words[2], 10, 64); err != nil {
		return
	}
	for i, word := range words[3:] {
		bytes, err := hex.DecodeString(word)
		if err != nil || len(bytes) != tlog.HashSize {
			return kind, a, size, first, root, nil, fmt.Errorf("not a hash")
		}
		var hash tlog.Hash
		copy(hash[:], bytes)
		switch i {
		case 0:
			first = hash
		case 1:
			root = hash
		default:
			proof = append(proof, hash)
		}
	}
	return
}

func check(kind string, a, size int64, first, root tlog.Hash, proof []tlog.Hash) error {
	switch kind {
	case "I":
		return tlog.CheckRecord(proof, size, root, a, first)
	case "C":
		return tlog.CheckTree(proof, size, root, a, first)
	}
	return fmt.Errorf("unknown kind %q", kind)
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	count := 0
	for in.Scan() {
		kind, a, size, first, root, proof, err := parse(in.Text())
		if err == nil {
			err = check(kind, a, size, first, root, proof)
		}
		if err != nil {
			fmt.Printf("REFUSED: %s %d %d: %v\n", kind, a, size, err)
			os.Exit(1)
		}
		if len(proof) > 0 {
			proof[count%len(proof)][count%tlog.HashSize] ^= 1
			if check(kind, a, size, first, root, proof) == nil {
				fmt.Printf("ACCEPTED A SPOILED PROOF: %s %d %d\n", kind, a, size)
				os.Exit(1)
			}
		}
		count++
	}
	// 256*257/2 pairs and 1,000 random ones, two proofs each.
	if in.Err() != nil || count != 2*(256*257/2+1000) {
		fmt.Printf("REFUSED: %d proofs read\n", count)
		os.Exit(1)
	}
	fmt.Printf("%d proofs verified\n", count)
}
