// A clang-tidy plugin: the checks visit this repository's declarations only. clang-tidy 19 visits every declaration of
// every included header (a million of Boost's) and then throws away what it found there; this makes a run ten times
// shorter and changes no finding in our own code. scripts/tidy.py builds and loads it.
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>
#include <vector>

namespace {

using clang::ast_matchers::MatchFinder;

class OwnCode : public clang::tidy::ClangTidyCheck {
 public:
  using ClangTidyCheck::ClangTidyCheck;

  void registerMatchers(MatchFinder* finder) override {
    finder->addMatcher(clang::ast_matchers::translationUnitDecl(), this);
  }

  // The unit itself is matched before its children are visited, so what is set here holds for every check.
  void check(const MatchFinder::MatchResult& result) override {
    const clang::SourceManager& sources = *result.SourceManager;
    std::vector<clang::Decl*> own;
    // What lies in the precompiled header is not loaded: it holds nothing of ours.
    for (clang::Decl* declaration : result.Context->getTranslationUnitDecl()->noload_decls()) {
      const auto place = sources.getExpansionLoc(declaration->getLocation());
      if (place.isValid() && !sources.isInSystemHeader(place)) own.push_back(declaration);
    }
    result.Context->setTraversalScope(own);
  }
};

class Module : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
    factories.registerCheck<OwnCode>("retell-own-code");
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<Module> registered("retell", "What clang-tidy itself lacks.");

}  // namespace
