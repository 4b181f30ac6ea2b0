#include "runtime/src/ModuleFile.h"

#include "runtime/format/ModuleNote.h"
#include "runtime/src/Error.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace oriel;

namespace {

/// Opens a regular file and gives its size. O_NONBLOCK: opening a pipe must not wait for a writer.
oriel_status openRegularFile(const char *path, int &fd, uint64_t &size, oriel_error *error) {
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) {
    return fail(error, ORIEL_UNREADABLE_FILE,
                "cannot open '%s': %s: give the path of a module that oriel-compile wrote", path,
                strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(error, ORIEL_NOT_A_MODULE,
                "'%s' is not a regular file: give the path of a module that oriel-compile wrote",
                path);
  }
  size = uint64_t(status.st_size);
  return ORIEL_OK;
}

/// Reads the note, whose size is compared only once its version is known to be ours.
oriel_status readNote(const char *path, int fd, uint64_t fileSize, NoteLocation &location,
                      oriel_module_note &note, oriel_error *error) {
  if (const char *reason = locateModuleNote(fd, fileSize, location)) {
    return fail(error, ORIEL_NOT_A_MODULE,
                "'%s' is not an Oriel module (%s): make one with oriel-compile", path, reason);
  }
  if (location.size < sizeof note.abi_version ||
      !readFully(fd, location.offset, &note.abi_version, sizeof note.abi_version)) {
    return fail(error, ORIEL_NOT_A_MODULE,
                "'%s' is not an Oriel module (its note is cut off): make one with oriel-compile",
                path);
  }
  if (note.abi_version > ORIEL_ABI_VERSION) {
    return fail(
        error, ORIEL_UNSUPPORTED_ABI,
        "'%s' has module ABI version %" PRIu32 " and this runtime knows versions up to %u: "
        "use a newer runtime, or compile the model again with the oriel-compile of this one",
        path, note.abi_version, ORIEL_ABI_VERSION);
  }
  if (location.size != sizeof note || !readFully(fd, location.offset, &note, sizeof note) ||
      note.note_size != sizeof note) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (its note has the wrong size): compile the model again", path);
  }
  return ORIEL_OK;
}

/// Whether the note describes a file of `fileSize` bytes at all.
oriel_status checkLayout(const char *path, uint64_t fileSize, const oriel_module_note &note,
                         oriel_error *error) {
  if (fileSize != note.file_size) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (it has %" PRIu64 " bytes instead of %" PRIu64 "%s): copy it "
                "again or compile the model again",
                path, fileSize, note.file_size,
                fileSize < note.file_size ? ", so it is truncated" : "");
  }
  bool isSound = note.elf_size <= note.parameter_offset && note.parameter_offset <= fileSize &&
                 note.parameter_size == fileSize - note.parameter_offset &&
                 note.parameter_offset % ORIEL_PARAMETER_ALIGNMENT == 0 &&
                 memchr(note.target, '\0', sizeof note.target) != nullptr;
  if (!isSound) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (the sizes in its note contradict each other): compile the model "
                "again",
                path);
  }
  return ORIEL_OK;
}

oriel_status checkDigest(const char *path, const char *part, const uint8_t (&expected)[32],
                         const uint8_t (&actual)[32], bool isRead, oriel_error *error) {
  if (!isRead) {
    return fail(error, ORIEL_UNREADABLE_FILE, "cannot read '%s': check the disk it is on", path);
  }
  if (memcmp(expected, actual, sizeof expected) != 0) {
    return fail(error, ORIEL_DAMAGED_MODULE,
                "'%s' is damaged (the SHA-256 of its %s does not match): copy it again or compile "
                "the model again",
                path, part);
  }
  return ORIEL_OK;
}

oriel_status checkFeatures(const char *path, uint64_t features, const oriel_module_note &note,
                           oriel_error *error) {
  uint64_t missing = note.required_features & ~features;
  if (missing == 0) {
    return ORIEL_OK;
  }
  char names[160];
  return fail(error, ORIEL_UNSUPPORTED_CPU,
              "'%s' was compiled for %s and this processor lacks %s: compile the model here with "
              "--target host, or with a lower --target",
              path, note.target, oriel_feature_names(missing, names, sizeof names));
}

oriel_status checkOpenFile(const char *path, int fd, uint64_t fileSize, uint64_t features,
                           bool verifyParameters, oriel_module_note &note, oriel_error *error) {
  NoteLocation location;
  oriel_status status = readNote(path, fd, fileSize, location, note, error);
  if (status == ORIEL_OK) {
    status = checkLayout(path, fileSize, note, error);
  }
  uint8_t digest[32] = {};
  if (status == ORIEL_OK) {
    bool isRead = hashElf(fd, note.elf_size, location.offset, digest);
    status = checkDigest(path, "code", note.elf_sha256, digest, isRead, error);
  }
  if (status == ORIEL_OK) {
    status = checkFeatures(path, features, note, error);
  }
  if (status == ORIEL_OK && verifyParameters) {
    bool isRead = hashRange(fd, note.parameter_offset, note.parameter_size, digest);
    status = checkDigest(path, "parameters", note.parameter_sha256, digest, isRead, error);
  }
  return status;
}

} // namespace

oriel_status oriel::openModuleFile(const char *path, uint64_t features, bool verifyParameters,
                                   int &fd, oriel_module_note &note, oriel_error *error) {
  uint64_t fileSize = 0;
  oriel_status status = openRegularFile(path, fd, fileSize, error);
  if (status == ORIEL_OK) {
    status = checkOpenFile(path, fd, fileSize, features, verifyParameters, note, error);
  }
  if (status != ORIEL_OK && fd >= 0) {
    close(fd);
  }
  return status;
}
